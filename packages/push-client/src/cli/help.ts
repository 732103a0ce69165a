export const HELP = `Prints the events of a push monitor as they come.

  node push-client.mjs USER [PASSWORD] [options]

A monitor with the same topics is deleted, a new one made, and deleted at the end (Ctrl+C, SIGTERM). The password
is better in PUSH_PASSWORD or in a file: other users of the computer can see a command line.

  -t, --topics <A,B>        what to hear of (DeviceCore)
  -a, --host <name>         the service; sessions connect to it (host of --url)
      --insecure            plain TCP, port 3200, and http://, instead of TLS, port 3201, and https://
  -c, --compression <kind>  none or gzip (gzip)
  -f, --format <kind>       json or xml (json)
  -b, --batchsize <n>       events of a block (1)
  -d, --batchduration <s>   a block waits so long for more events; 0: not at all (60)

      --url <address>       of the REST API, where it is not https://<host>; or PUSH_URL
      --port <n>            of sessions (3201; with --insecure 3200)
      --password-file <file>
      --ca <file>           the CA of the service’s certificate (PEM); else those that Node.js knows
      --ca-from <address>   fetch it once, such as https://<host>/api/ca.pem
      --ca-fingerprint <x>  its SHA-256, which must be known where --ca-from is not https://
      --monitor <id>        use this monitor and leave it there; nothing is asked of the REST API
      --explicit            acknowledge each block once it is printed; what was not comes again
      --replay              what happened while nobody was connected comes first
      --keep                use a monitor with the same topics that is there, and leave it there at the end
      --raw                 one line of JSON for each event
      --short-ack           acknowledge without the length field, as the Python clients do
      --max-block <MiB>     greatest block that is taken (64)
      --quiet               tell only what goes wrong
      --help, --version

Events go to stdout, everything else to stderr. While the service is away it waits, and goes on by itself.
Exit codes: 0 stopped by a signal, 1 it failed, 64 wrong options, 69 the service refuses or its certificate is not
trusted, 75 stopped, but the monitor could not be deleted, 76 what answers does not speak this protocol,
130 stopped at once by a second signal.`;
