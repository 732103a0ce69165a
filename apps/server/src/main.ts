import { pino } from 'pino';
import { buildApp } from './app.js';
import { readArguments } from './arguments.js';
import { ConfigError, readConfig } from './config.js';
import { codeOf, DomainError } from './core/errors.js';
import { restore } from './modules/backups/restore/restore.js';

/** A second signal ends the process at once; this is how long the first one may take. */
const CLOSE_MS = 30_000;

async function main(): Promise<void> {
  const { restoreFrom, replace } = readArguments(process.argv.slice(2));
  const config = readConfig(process.env);
  const logger = pino({
    level: config.logLevel,
    base: null,
    redact: ['*.password', '*.token', '*.clientSecret', '*.authorization'],
  });
  if (restoreFrom !== undefined) {
    const say = (line: string): boolean => process.stdout.write(`${line}\n`);
    await restore({ config, log: logger, file: restoreFrom, replace, say });
  }
  const app = await buildApp(config, logger);

  let closing = false;
  const close = (signal: string): void => {
    if (closing) process.exit(1);
    closing = true;
    logger.info(`${signal}: stopping`);
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => close('SIGTERM'));
  process.on('SIGINT', () => close('SIGINT'));
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a failure was not handled'));

  await listen(app, config.host, config.port);
  logger.info(`ready at ${app.endpoints.publicUrl()} after ${Math.round(performance.now())} ms`);
  for (const line of app.startMessages()) process.stdout.write(`${line}\n`);
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
    const address = app.server.address();
    if (typeof address === 'object' && address !== null) app.endpoints.httpPort = address.port;
  } catch (error) {
    await app.close();
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    const message = `Port ${port} (dashboard and API) is taken by another program. End it, or set PORT to a free port.`;
    throw new DomainError('unavailable', 'portTaken', message, { cause: error });
  }
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof DomainError;
  process.stderr.write(
    `\n${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n\n`,
  );
  process.exit(1);
});
