import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { NodeServerRecord, WorkerStart } from '@polyrelay/contract';
import { NodeServerError, reasonOf } from './errors.js';

export interface ConnectionOptions {
  /**
   * The worker's start URL. Give it to run the node server on your own machine; a worker that the
   * service runs finds everything in its environment.
   */
  pgUrl?: string | URL;
  /** Broker host and port, where they are not the ones announced and 8883. */
  host?: string;
  port?: number;
  /** Folder of the node server (default: the working directory); certificates lie in `../certs` beside it. */
  folder?: string;
  /** Environment to read (default `process.env`): NODESERVER, STAGE, MQTTENDPOINT, MQTTPORT, PGURL. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** All that is needed to connect. */
export interface Connection {
  record: NodeServerRecord;
  stage: string;
  host: string;
  /** The name the broker's certificate is checked against. */
  serverName: string;
  port: number;
  ca: string;
  cert: string;
  key: string;
}

/** The port published modules have built in. */
const DEFAULT_PORT = 8883;

/** Finds out where to connect and as whom (PGC section 2): PGURL, or environment and certificate files. */
export const resolveConnection = async (options: ConnectionOptions): Promise<Connection> => {
  const env = options.env ?? process.env;
  const pgUrl = options.pgUrl ?? (env.NODESERVER === undefined ? env.PGURL : undefined);
  const found = pgUrl === undefined ? await fromEnvironment(env, options.folder) : await fromPgUrl(pgUrl);
  if (typeof found.record?.worker !== 'string' || typeof found.record.profileNum !== 'string') {
    throw new NodeServerError(
      'NOT_CONFIGURED',
      'The node server’s record names no worker and no slot (profileNum)',
    );
  }
  const port = options.port ?? (Number(env.MQTTPORT) || found.port);
  return { ...found, host: options.host ?? found.serverName, port };
};

type Found = Omit<Connection, 'host'>;

const fromPgUrl = async (pgUrl: string | URL): Promise<Found> => {
  if (!URL.canParse(String(pgUrl))) {
    throw new NodeServerError(
      'NOT_CONFIGURED',
      'The PGURL is not a URL: copy it whole from the node server’s page',
    );
  }
  let response: Response;
  try {
    response = await fetch(pgUrl, { signal: AbortSignal.timeout(15_000) });
  } catch (cause) {
    const { origin } = new URL(pgUrl);
    throw new NodeServerError(
      'PGURL_UNREACHABLE',
      `No answer from ${origin}: is the service running there?`,
      { cause },
    );
  }
  if (!response.ok) {
    const advice =
      'copy the PGURL again from the node server’s page; it ends when the node server is deleted';
    throw new NodeServerError('PGURL_REFUSED', `The PGURL answered ${response.status}: ${advice}`);
  }
  const answer = (await response.json().catch(() => undefined)) as Partial<WorkerStart> | undefined;
  const { nodeServer, iotHost, stage, iotCert, iotPrivateKey, caCert, mqttPort } = answer ?? {};
  if (!nodeServer || !iotHost || !iotCert || !iotPrivateKey || !caCert) {
    throw new NodeServerError('PGURL_BAD_ANSWER', 'The PGURL did not answer with a record and certificates');
  }
  return {
    record: nodeServer,
    stage: stage ?? 'prod',
    serverName: iotHost,
    port: mqttPort ?? DEFAULT_PORT,
    ca: caCert,
    cert: iotCert,
    key: iotPrivateKey,
  };
};

const fromEnvironment = async (
  env: Readonly<Record<string, string | undefined>>,
  folder = '.',
): Promise<Found> => {
  const { NODESERVER, STAGE, MQTTENDPOINT } = env;
  if (NODESERVER === undefined || MQTTENDPOINT === undefined) {
    const advice = 'give start({ pgUrl }) the PGURL from the node server’s page, or set PGURL';
    throw new NodeServerError('NOT_CONFIGURED', `NODESERVER and MQTTENDPOINT are not set: ${advice}`);
  }
  const read = async (name: string) => {
    const path = resolve(folder, '../certs', name);
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      throw new NodeServerError('CERTIFICATES_UNREADABLE', `Cannot read ${path}: ${reasonOf(cause)}`, {
        cause,
      });
    }
  };
  return {
    record: parseRecord(NODESERVER),
    stage: STAGE ?? 'prod',
    serverName: MQTTENDPOINT,
    port: DEFAULT_PORT,
    ca: await read('AmazonRootCA1.pem'),
    cert: await read('iot.crt'),
    key: await read('private.key'),
  };
};

const parseRecord = (text: string): NodeServerRecord => {
  try {
    return JSON.parse(text) as NodeServerRecord;
  } catch (cause) {
    throw new NodeServerError('NOT_CONFIGURED', `NODESERVER is not JSON: ${reasonOf(cause)}`, { cause });
  }
};
