import type { Distribution } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import { VERSION } from '#core/version.js';
import { privateKeyPlace } from '../keys.js';
import { loadThing } from '../store.js';
import { contentsOf } from './contents.js';
import { placeOf } from './place.js';
import { pack } from './zip.js';

/** What the next download of a thing holds. Nothing is given out or used up. */
export async function describeDistribution(
  app: FastifyInstance,
  principal: Principal,
  id: string,
  options: { origin: string; privateKey?: boolean },
): Promise<Distribution> {
  const row = await loadThing(app, principal, id);
  const place = placeOf(app, options.origin);
  const withKey = row.privateKey !== null && options.privateKey !== false;
  const privateKey =
    withKey && row.privateKey !== null ? app.keyring.open(row.privateKey, privateKeyPlace(id)) : undefined;
  const files = await contentsOf(app, row, place, privateKey);
  const zip = await pack(files, new Date());
  const query = withKey ? '' : '?privateKey=false';
  const url = `${place.url}/prd/v1/things/${id}/dist${query}`;
  return {
    filename: `${row.name}.zip`,
    bytes: zip.length,
    files: files.map(({ name, content, about }) => ({ name, bytes: content.length, about })),
    privateKey: row.privateKey === null ? 'gone' : 'available',
    version: VERSION,
    curl: `curl -fSL -H "Authorization: Bearer $ACCESS_TOKEN" "${url}" -o ${row.name}.zip && unzip -o ${row.name}.zip -d ${row.name}`,
    warnings: place.warnings,
  };
}
