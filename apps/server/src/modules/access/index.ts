import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Audit } from './audit.js';
import { authenticateRequests } from './authenticate.js';
import { KnownTokens } from './known-tokens.js';
import { checkMqttUsers, mqttUsers, tellRefusals } from './mqtt-user.js';
import { oidc } from './oidc.js';
import { AccessPort } from './port.js';
import { sessionRoutes } from './routes/session.js';
import { tokenRoutes } from './routes/tokens.js';
import { userRoutes } from './routes/users.js';
import { Setup } from './setup.js';
import { makeSignIn } from './sign-in.js';

declare module 'fastify' {
  interface FastifyInstance {
    audit: Audit;
    access: AccessPort;
    /** What a newcomer is told when the service is ready. */
    startMessages(): string[];
  }
}

/** Users, sessions, access tokens, audit log; tells every other module who calls. */
export const access = fp(
  async (app: FastifyInstance) => {
    app.decorate('audit', new Audit(app.database, app.logger));
    const guarded = ['/api/'];
    const tokens = new KnownTokens(app);
    authenticateRequests(app, guarded, tokens);
    const signIn = makeSignIn(app);
    app.decorate('access', new AccessPort(app, signIn, guarded));
    const setup = new Setup(app);
    await setup.start();
    app.decorate('startMessages', () => [
      setup.message() ?? `\n  Polyrelay is at ${app.endpoints.publicUrl()}\n`,
    ]);
    app.mqtt.authenticator(mqttUsers(app));
    tellRefusals(app);
    checkMqttUsers(app);
    await app.register(oidc);
    sessionRoutes(app, setup, signIn);
    tokenRoutes(app, tokens);
    userRoutes(app, tokens);
  },
  { name: 'access', dependencies: ['core', 'http', 'mqtt'] },
);
