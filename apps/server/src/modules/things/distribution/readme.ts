import type { ServicePlace } from './place.js';

/** Where the published SDK is. */
const PUBLISHED = 'https://github.com/claytantor/flashlex-iot-python';

/** README.md of a distribution: the exact commands for this thing and this service. */
export function readmeFile(
  thing: { id: string; name: string },
  place: ServicePlace,
  privateKey: boolean,
): string {
  const { name } = thing;
  const warning = place.warnings.map((text) => `> **Careful.** ${text}\n\n`).join('');
  const noKey = privateKey
    ? ''
    : `> This download has no private key. Keep \`${name}-keypair-private.pem\` of the first one in this folder.\n\n`;
  return `# ${name}

Everything that a computer needs to be the thing **${name}** of ${place.url}: its keys, its settings (\`config.yml\`) and
the software, for Node.js and for Python. Use the one that is there already; they do the same.

${warning}${noKey}Unpack it on the thing, stay in this folder, and try it:

## With Node.js 18 or newer

\`\`\`sh
node thing.mjs bootstrap
\`\`\`

Nothing has to be installed. Each step gets its ✓, and the dashboard calls the thing verified.

\`\`\`sh
node thing.mjs run                                    # receive messages, until Ctrl-C
node thing.mjs run --handler ./on-message.sh          # and run a program for each of them
echo '{"temperature": 21.5}' | node thing.mjs collect # send a message
node thing.mjs messages                               # what was received
sudo node thing.mjs service install                   # run whenever the computer is on
\`\`\`

## With Python 3.9 or newer

Receiving needs paho-mqtt; sending needs nothing.

\`\`\`sh
sudo apt install python3-paho-mqtt    # or, in a virtual environment: python3 -m pip install paho-mqtt
python3 -m flashlexiot bootstrap
\`\`\`

\`\`\`sh
python3 -m flashlexiot run                                    # receive messages, until Ctrl-C
python3 -m flashlexiot run --handler ./on-message.py          # and run a program for each of them
echo '{"temperature": 21.5}' | python3 -m flashlexiot collect # send a message
python3 -m flashlexiot messages                               # what was received
\`\`\`

A handler gets the message as JSON on its standard input, and is run again until it ends with code 0. In a program of your own:

\`\`\`py
from flashlexiot.sdk import FlashlexSDK

sdk = FlashlexSDK('config.yml')
sdk.collectMessage({'temperature': 21.5})  # 200: it is stored
for message in sdk.getSubscribedMessages():
    print(message['message']['payload'])
    sdk.removeMessageFromStore(message)
\`\`\`

## As a service (systemd)

\`sudo node thing.mjs service install\`, or with Python:

\`\`\`sh
sudo tee /etc/systemd/system/${name}.service > /dev/null <<UNIT
[Unit]
Description=Thing ${name}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/python3 -u -m flashlexiot run
WorkingDirectory=$PWD
User=$USER
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
UNIT
sudo systemctl daemon-reload
sudo systemctl enable --now ${name}
journalctl -u ${name} -f
\`\`\`

## With the published Python SDK

It works with this folder as it is:

\`\`\`sh
git clone ${PUBLISHED}
cd flashlex-iot-python
python3 -m venv venv
venv/bin/pip install -r requirements.txt
venv/bin/python -u bootstrap.py -c ../config.yml -d data -k ..
venv/bin/python -u app.py -c ../config.yml -d data -k ..
echo '{"temperature": 21.5}' | venv/bin/python -u collectmessage.py -c ../config.yml -k ..
\`\`\`

## When something fails

| it says | do |
| --- | --- |
| nothing listens, no answer, unknown name | Open ${place.url}/api/health on the thing. The broker is at ${place.mqtt.host}, port ${place.mqtt.port}: a firewall must let both through |
| the token is not valid yet, or has expired | The clock of the thing is wrong: \`sudo timedatectl set-ntp true\` |
| the certificate is not accepted, or 401 | The keys were rotated or the thing is disabled: see its page, and download again |
| the CA does not fit | This folder is of another service, or its data was made anew: download again |
| the private key is not there | It is in the first download alone: rotate the keys on the thing’s page, then download again |
| 403 | A limit of the plan is reached: the answer says which |
| queued, code 75 | The service could not be reached: the message is on disk, and sent by “run” or the next “collect” |

\`${name}-keypair-private.pem\` is the thing’s password: whoever has it can send in its name. Keep it on the thing.

Thing id: \`${thing.id}\`
`;
}
