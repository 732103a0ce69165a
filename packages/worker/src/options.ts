import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { reasonOf, WorkerError } from './errors.js';

export const HELP = `Runs the node server in this folder against Polyrelay.

  npx polyrelay-worker '<PGURL>'

The PGURL is on the node server's page, under Settings; register it there with the runtime “local”. It can also
come from the environment variable PGURL, so that it is not in the list of processes.

  --no-watch       do not start again when a file changes
  --ignore <name>  a file or folder whose changes do not count; can be repeated
  --install        install what is missing first: npm install, or pip install -r requirements.txt into .venv
  --help           this text
  --version        ${manifest.version}

Environment: MQTTPORT, where the broker is reached at another port than the service says;
NODE_EXTRA_CA_CERTS=<ca.pem>, where the service's HTTPS certificate is of a CA of your own.`;

export const VERSION = manifest.version;

export interface Options {
  pgUrl: string;
  watch: boolean;
  ignore: string[];
  install: boolean;
}

/**
 * Reads the command line.
 * @returns `help` or `version` when that is asked for
 * @throws WorkerError naming the option that is wrong
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const pgUrl = positionals[0] ?? env.PGURL;
  if (pgUrl === undefined || pgUrl === '')
    throw new WorkerError(
      `Give the PGURL: npx polyrelay-worker '<PGURL>'. It is on the node server’s page in the dashboard, under Settings.`,
    );
  if (positionals.length > 1)
    throw new WorkerError('Only one PGURL can be given. Put it in single quotes, as the dashboard shows it.');
  return { pgUrl, watch: values.watch, ignore: values.ignore, install: values.install };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        watch: { type: 'boolean', default: true },
        ignore: { type: 'string', multiple: true, default: [] },
        install: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
  } catch (error) {
    throw new WorkerError(`${reasonOf(error).split('. ')[0]}. “polyrelay-worker --help” lists the options.`);
  }
}
