/** Which software a thing runs: ours for Node.js and Python, or the one that FlashLex published. */
export const sdks = ['node', 'python', 'published'] as const;
export type Sdk = (typeof sdks)[number];

const unpack = (filename: string, folder: string): string => `unzip ${filename} -d ${folder}\ncd ${folder}`;

/** Unpacks the download and shows the service that it works. */
export const bootstrapCommands = (filename: string, name: string): string =>
  `${unpack(filename, name)}\nnode thing.mjs bootstrap`;

/** What to type on the thing, from the downloaded zip on; the README in it says more. */
export const runCommands = (sdk: Sdk, filename: string, name: string): string =>
  `${unpack(filename, name)}\n${commands[sdk]}`;

const commands: Record<Sdk, string> = {
  node: `
# Sends and receives once, and says what it saw
node thing.mjs bootstrap

# Receives messages, until Ctrl-C
node thing.mjs run

# Sends a message
echo '{"temperature": 21.5}' | node thing.mjs collect

# Runs whenever the computer is on
sudo node thing.mjs service install`,
  python: `
# Receiving needs paho-mqtt; sending needs nothing
sudo apt install python3-paho-mqtt

# Sends and receives once, and says what it saw
python3 -m flashlexiot bootstrap

# Receives messages, until Ctrl-C
python3 -m flashlexiot run

# Sends a message
echo '{"temperature": 21.5}' | python3 -m flashlexiot collect`,
  published: `
# The published SDK, beside the keys
git clone https://github.com/claytantor/flashlex-iot-python
cd flashlex-iot-python
python3 -m venv venv
venv/bin/pip install -r requirements.txt

# Sends and receives once, and says what it saw
venv/bin/python -u bootstrap.py -c ../config.yml -d data -k ..

# Receives messages, until Ctrl-C
venv/bin/python -u app.py -c ../config.yml -d data -k ..

# Sends a message
echo '{"temperature": 21.5}' | venv/bin/python -u collectmessage.py -c ../config.yml -k ..`,
};
