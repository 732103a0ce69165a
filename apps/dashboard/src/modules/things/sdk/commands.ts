/** Which software a thing runs: ours for Node.js and Python, or the one that FlashLex published. */
export const sdks = ['node', 'python', 'published'] as const;
export type Sdk = (typeof sdks)[number];

const unpack = (filename: string, folder: string): string => `unzip ${filename} -d ${folder}\ncd ${folder}`;

/** Unpacks the download and shows the service that it works. */
export const bootstrapCommands = (filename: string, name: string): string =>
  `${unpack(filename, name)}\nnode thing.mjs bootstrap`;

/** What to type on the thing, from the downloaded zip to running for good. */
export const runCommands = (sdk: Sdk, filename: string, name: string): string =>
  ({
    node: () => `${unpack(filename, name)}

# Sends and receives once, and says what it saw
node thing.mjs bootstrap

# Stays connected and keeps messages for your program
node thing.mjs run

# Sends what your program knows
echo '{"temperature": 21.5}' | node thing.mjs collect`,
    python: () => `${unpack(filename, name)}
python3 -m venv venv
venv/bin/pip install paho-mqtt

# Sends and receives once, and says what it saw
venv/bin/python -m flashlexiot bootstrap

# Stays connected and keeps messages for your program
venv/bin/python -m flashlexiot run

# Sends what your program knows
echo '{"temperature": 21.5}' | venv/bin/python -m flashlexiot collect`,
    published: () => `git clone https://github.com/claytantor/flashlex-iot-python.git
cd flashlex-iot-python
python3 -m venv venv
venv/bin/pip install -r requirements.txt
unzip ../${filename} -d keys
mkdir -p data

venv/bin/python -u bootstrap.py -c keys/config.yml -d "$PWD/data" -k "$PWD/keys"`,
  })[sdk]();
