import type { FastifyInstance } from 'fastify';
import { configFile, keyFiles } from './config-file.js';
import type { ServicePlace } from './place.js';
import { readmeFile } from './readme.js';
import { sdkFiles } from './sdk-files.js';
import type { ZipFile } from './zip.js';

/** A thing as its distribution needs it. */
export interface DistributedThing {
  id: string;
  name: string;
  certificate: string;
  publicKey: string;
}

/** The files of a distribution (FlashLex section 3). @param privateKey PEM, PKCS#1; left out: a zip without it */
export async function contentsOf(
  { authority }: FastifyInstance,
  thing: DistributedThing,
  place: ServicePlace,
  privateKey: string | undefined,
): Promise<ZipFile[]> {
  const names = keyFiles(thing.name);
  const file = (name: string, text: string, about: string, mode = 0o644): ZipFile => ({
    name,
    content: Buffer.from(text),
    mode,
    about,
  });
  return [
    file(
      'README.md',
      readmeFile(thing, place, privateKey !== undefined),
      'What to do, with the exact commands',
    ),
    file('config.yml', configFile(thing, place), 'Settings: where the service is, and which thing this is'),
    ...(privateKey === undefined
      ? []
      : [file(names.privateKey, privateKey, 'The private key of the thing. Keep it secret', 0o600)]),
    file(names.publicKey, thing.publicKey, 'The public key of the thing'),
    file(names.cert, thing.certificate, 'The certificate of the thing, for the broker'),
    file(names.rootCA, authority.caPem, 'The certificate of the service’s own CA'),
    ...(await sdkFiles()),
  ];
}
