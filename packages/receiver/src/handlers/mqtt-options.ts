import { readFile } from 'node:fs/promises';
import { reasonOf } from '@polyrelay/essentials';
import type { IClientOptions } from 'mqtt';
import { z } from 'zod';
import { PermanentError } from '../handler.js';

const path = (what: string) => z.string().min(1).describe(`file of ${what} (PEM)`).optional();

export const MqttOptions = z
  .strictObject({
    url: z
      .url({ protocol: /^(mqtts?|wss?)$/, error: 'give an address such as mqtts://broker.example.org:8883' })
      .describe('broker, such as mqtts://broker.example.org:8883')
      .optional(),
    endpoint: z
      .string()
      .trim()
      .regex(/^[^/:\s]+$/, 'give the name of the broker alone, or use “url”')
      .describe('name of the broker, as AWS IoT gives it; instead of “url”')
      .optional(),
    port: z.number().int().min(1).max(65535).default(8883).describe('port of the endpoint (8883)'),
    caPath: path('the authority that signed the broker’s certificate'),
    rootCaPath: path('the same, as AWS IoT calls it'),
    certificatePath: path('the client’s certificate'),
    privateKeyPath: path('its private key'),
    username: z.string().describe('user name').optional(),
    password: z.string().describe('password').optional(),
    clientId: z.string().min(1).max(128).describe('client id (a random one)').optional(),
    topic: z
      .string()
      .min(1)
      .refine((topic) => !/[+#\0]/.test(topic), 'a topic to publish to has no “+” and no “#”')
      .refine((topic) => !/[{}]/.test(topic.replaceAll('{ident}', '')), 'only {ident} can stand in braces')
      .default('{ident}')
      .describe('topic to publish to ({ident})'),
    window: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .default(100)
      .describe('messages that may wait for their acknowledgement (100)'),
    connectTimeout: z
      .number()
      .positive()
      .max(600)
      .default(30)
      .describe('seconds to wait for a connection (30)'),
  })
  .refine(({ url, endpoint }) => (url === undefined) !== (endpoint === undefined), {
    path: ['url'],
    error: 'give either “url” or “endpoint”',
  })
  .refine(({ caPath, rootCaPath }) => caPath === undefined || rootCaPath === undefined, {
    path: ['caPath'],
    error: 'give “caPath” or “rootCaPath”, not both: they are the same',
  })
  .refine(
    ({ certificatePath, privateKeyPath }) =>
      (certificatePath === undefined) === (privateKeyPath === undefined),
    {
      path: ['certificatePath'],
      error: '“certificatePath” and “privateKeyPath” belong together',
    },
  );
export type MqttOptions = z.output<typeof MqttOptions>;

export const brokerUrl = ({ url, endpoint, port }: MqttOptions): string =>
  url ?? `mqtts://${endpoint}:${port}`;

/** For messages: without what may be secret. */
export function brokerName(options: MqttOptions): string {
  const { protocol, host } = new URL(brokerUrl(options));
  return `${protocol}//${host}`;
}

/** Files are read for every connection: certificates are renewed. @throws PermanentError for one that cannot be read */
export async function tlsFiles(options: MqttOptions): Promise<Pick<IClientOptions, 'ca' | 'cert' | 'key'>> {
  const [ca, cert, key] = await Promise.all(
    [options.caPath ?? options.rootCaPath, options.certificatePath, options.privateKeyPath].map(read),
  );
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function read(path: string | undefined): Promise<Buffer | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path);
  } catch (error) {
    throw new PermanentError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}
