import { createHmac } from 'node:crypto';
import { constants, inflateSync } from 'node:zlib';
import type { Block, MonitorRecord } from '../types.js';

/**
 * Headers of the request that carries a block. The signature is HMAC-SHA256 with the monitor’s signing secret over
 * `timestamp.body`, the body as it is sent (docs/monitors-http.md).
 */
export function headersOf(monitor: MonitorRecord, block: Block, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  return {
    'User-Agent': 'Polyrelay',
    Accept: '*/*',
    'Content-Type': contentType(monitor, block.payload),
    ...monitor.transportHeaders,
    ...authorization(monitor.transportToken),
    ...(monitor.compression === 'zlib' ? { 'Content-Encoding': 'deflate' } : {}),
    'Content-Length': String(block.payload.length),
    'X-Polyrelay-Monitor': String(monitor.id),
    'X-Polyrelay-Block': String(block.seq),
    'X-Polyrelay-Attempt': String(block.attempts + 1),
    'X-Polyrelay-Timestamp': timestamp,
    'X-Polyrelay-Signature': `sha256=${signatureOf(monitor.signingSecret, timestamp, block.payload)}`,
  };
}

const signatureOf = (secret: string, timestamp: string, body: Buffer): string =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');

/** HTTP Basic. Published clients write `None` where there is no token. */
function authorization(token: string | null): Record<string, string> {
  if (token === null || token === '' || token === 'None') return {};
  const pair = token.includes(':') ? token : `${token}:`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

const JSON_TYPE = 'application/json';
const XML_TYPE = 'text/xml; charset=utf-8';

function contentType(monitor: MonitorRecord, payload: Buffer): string {
  if (monitor.schemaType === null) return monitor.formatType === 'json' ? JSON_TYPE : XML_TYPE;
  const start = textStart(payload, monitor.compression === 'zlib').trimStart();
  if (/^[[{"]/.test(start)) return JSON_TYPE;
  return start.startsWith('<') ? XML_TYPE : 'text/plain; charset=utf-8';
}

/** Bytes that are looked at to find out what a template makes. */
const LOOKED_AT = 512;

function textStart(payload: Buffer, compressed: boolean): string {
  const start = payload.subarray(0, LOOKED_AT);
  const text = compressed ? inflateSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start;
  return text.toString('utf8').replace(/^\uFEFF/, '');
}
