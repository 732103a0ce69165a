import type { Monitor } from '@polyrelay/contract';
import { quoted } from '../../../lib/shell';
import { TOKEN_PLACE } from '../../../lib/use-new-token';

/** Where this service is reached. */
export interface Place {
  /** Origin, without a slash at the end. */
  url: string;
  /** Host of the push listener, and its ports. Null: closed. */
  host: string;
  port: number | null;
  tlsPort: number | null;
  /** Who signs in. */
  user: string;
  /** Signing secret, or what stands for it. */
  secret: string;
}

type Used = Pick<
  Monitor,
  'id' | 'topic' | 'formatType' | 'batchSize' | 'batchDuration' | 'compression' | 'ackOption'
>;

/** A text for a Python or JavaScript program. */
const literal = (text: string): string => JSON.stringify(text);
const STANDARD_PORT = 3200;
const STANDARD_TLS_PORT = 3201;

const history = ({ url, user }: Place, { id }: Used): string =>
  `curl -fsSG -u ${quoted(user)}:"${TOKEN_PLACE}" ${url}/ws/v1/monitors/history/${id}`;

/** Ways to receive what a monitor sends; `$ACCESS_TOKEN` stands for the token. */
export const commands = {
  pushClient: ({ url, host, port, tlsPort, user }: Place, { id, ackOption }: Used): string => {
    const isTls = port === null || (url.startsWith('https:') && tlsPort !== null);
    const ca = isTls ? ` --ca-from ${url}/api/ca.pem` : ' --insecure';
    const own = isTls ? tlsPort : port;
    const usual = isTls ? STANDARD_TLS_PORT : STANDARD_PORT;
    return `curl -fsS -O ${url}/api/push-client.mjs
PUSH_PASSWORD="${TOKEN_PLACE}" node push-client.mjs ${quoted(user)} \\
  --url ${url} --host ${host}${own === usual ? '' : ` --port ${own}`}${ca} \\
  --monitor ${id}${ackOption === 'explicit' ? ' --explicit' : ''}`;
  },

  pythonDeviceCloud: ({ url, tlsPort, user }: Place, { id }: Used): string => `# Once before:
#   pip install devicecloud
#   curl -fsS -O ${url}/api/ca.pem
from devicecloud import DeviceCloud, monitor${tlsPort === STANDARD_TLS_PORT ? '' : ', monitor_tcp'}

dc = DeviceCloud(${literal(user)}, "${TOKEN_PLACE}", base_url=${literal(url)})${
    tlsPort === STANDARD_TLS_PORT ? '' : `\nmonitor_tcp.PUSH_SECURE_PORT = ${tlsPort}`
  }
dc.monitor._tcp_client_manager._ca_certs = "ca.pem"


def show(event):
    print(event, flush=True)
    return True  # received


mine = next(dc.monitor.get_monitors(monitor.MON_ID_ATTR == "${id}"))
mine.add_callback(show)`,

  // It breaks the line of its credentials behind 57 characters, and is refused: a token is too long for it.
  idigi: (
    { host, user }: Place,
    { topic, formatType, batchSize, batchDuration, compression }: Used,
  ): string => `git clone https://github.com/digidotcom/idigi-python-monitor-api
cd idigi-python-monitor-api
PYTHONPATH=. python2 examples/push_client.py ${quoted(user)} "$PASSWORD" \\
  --topics ${quoted(topic)} --host ${host} --insecure \\
  --format ${formatType} --compression ${compression === 'zlib' ? 'gzip' : 'none'} \\
  --batchsize ${batchSize} --batchduration ${batchDuration}`,

  sockets: ({ host, port, user }: Place, { id }: Used): string => `import socket, struct, zlib

def text(value):
    data = value.encode()
    return struct.pack("!H", len(data)) + data

def read(connection, size):
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data)) or exit("The connection was closed")
    return data

connection = socket.create_connection((${literal(host)}, ${port}))
body = struct.pack("!H", 1) + text(${literal(user)}) + text("${TOKEN_PLACE}") + struct.pack("!I", ${id})
connection.sendall(struct.pack("!HI", 1, len(body)) + body)
status = struct.unpack("!HIHH", read(connection, 10))[2]
print("status", status)
while status == 200:
    kind, size = struct.unpack("!HI", read(connection, 6))
    frame = read(connection, size)
    block, count, compression, form, length = struct.unpack("!HHBBI", frame[:10])
    payload = zlib.decompress(frame[10:]) if compression else frame[10:]
    print(count, payload.decode(), flush=True)
    connection.sendall(struct.pack("!HHH", 4, block, 200))`,

  history: (place: Place, of: Used): string => `CURSOR=
while true; do
  PAGE=$(${history(place, of)} \\
    -d size=100 -d cursor="$CURSOR") || { sleep 5; continue; }
  echo "$PAGE" | jq -c '.list[]'
  CURSOR=$(echo "$PAGE" | jq -r .cursor)
  echo "$PAGE" | jq -e 'has("next_uri")' >/dev/null || sleep 5
done`,

  historySince: (place: Place, of: Used): string => `${history(place, of)} \\
  -d start_time="$(date -u -d '1 hour ago' +%FT%TZ)" -d end_time="$(date -u +%FT%TZ)" -d size=1000`,

  node: (
    { secret }: Place,
    { compression }: Used,
  ): string => `import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';${compression === 'zlib' ? "\nimport { inflateSync } from 'node:zlib';" : ''}

const secret = ${literal(secret)};

function isFromPolyrelay(headers, body) {
  const timestamp = headers['x-polyrelay-timestamp'] ?? '';
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const signed = createHmac('sha256', secret).update(\`\${timestamp}.\`).update(body);
  const expected = Buffer.from(\`sha256=\${signed.digest('hex')}\`);
  const given = Buffer.from(headers['x-polyrelay-signature'] ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const isOurs = isFromPolyrelay(request.headers, body);
  if (isOurs) console.log(${compression === 'zlib' ? 'inflateSync(body)' : 'body'}.toString());
  response.writeHead(isOurs ? 204 : 403).end();
}).listen(process.env.PORT ?? 8000);`,

  python: (
    { secret }: Place,
    { compression }: Used,
  ): string => `import hashlib, hmac, os, time${compression === 'zlib' ? ', zlib' : ''}
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = ${literal(secret)}.encode()


def is_from_polyrelay(headers, body):
    timestamp = headers.get("X-Polyrelay-Timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) >= 300:
        return False
    signed = timestamp.encode() + b"." + body
    expected = "sha256=" + hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Polyrelay-Signature", ""))


class Receiver(BaseHTTPRequestHandler):
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_ours = is_from_polyrelay(self.headers, body)
        if is_ours:
            print(${compression === 'zlib' ? 'zlib.decompress(body)' : 'body'}.decode(), flush=True)
        self.send_response(204 if is_ours else 403)
        self.end_headers()

    do_POST = do_PUT


HTTPServer(("", int(os.environ.get("PORT", 8000))), Receiver).serve_forever()`,

  curlHttp: ({ url }: Place, { id }: Used): string => `AUTH="Authorization: Bearer ${TOKEN_PLACE}"
curl -fsS -X POST -H "$AUTH" ${url}/api/monitors/${id}/test
sleep 2
curl -fsSG -H "$AUTH" -d limit=1 ${url}/api/monitors/${id}/blocks`,
};

type Way = keyof typeof commands;
const WAYS: Record<Monitor['transportType'], readonly Way[]> = {
  tcp: ['pushClient', 'pythonDeviceCloud', 'idigi', 'sockets'],
  http: ['node', 'python', 'curlHttp'],
  polling: ['history', 'historySince'],
};
/** The port that a way cannot do without. */
const NEEDS: Partial<Record<Way, 'port' | 'tlsPort'>> = {
  pythonDeviceCloud: 'tlsPort',
  idigi: 'port',
  sockets: 'port',
};

/** Which of them fit a monitor, and the ports that are open. */
export const waysOf = (
  { transportType, formatType, schemaType }: Pick<Monitor, 'transportType' | 'formatType' | 'schemaType'>,
  place: Pick<Place, 'port' | 'tlsPort'>,
): Way[] =>
  WAYS[transportType].filter((way) => {
    const port = NEEDS[way];
    if (way === 'pushClient') return place.port !== null || place.tlsPort !== null;
    // It reads nothing but the standard document in JSON.
    if (way === 'pythonDeviceCloud' && (formatType !== 'json' || schemaType !== null)) return false;
    return port === undefined || place[port] !== null;
  });
