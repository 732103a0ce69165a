import type { TokenAccess, User } from '@polyrelay/contract';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Principal } from '#core/principal.js';
import { connectMqtts } from './mqtt-connect.js';
import { signIn, type TestService } from './service.js';

/** Somebody with an account and an access token. */
export interface MqttUser {
  user: User;
  /** Cookie header of a session. */
  cookie: string;
  token: string;
  tokenId: string;
  principal: Principal;
}

let made = 0;

/** Makes another user, with an access token. */
export async function newUser(service: TestService, access?: TokenAccess): Promise<MqttUser> {
  const credentials = { email: `user${++made}@example.org`, password: 'correct horse battery' };
  const user = await service.call<User>('POST', '/api/users', { body: credentials, status: 201 });
  const cookie = await signIn(service.url, credentials);
  return { user, cookie, ...(await newToken(service, user, cookie, access)) };
}

/** Makes an access token of the user a cookie is of. */
export async function newToken(
  service: TestService,
  { id: userId, email }: Pick<User, 'id' | 'email'>,
  cookie: string,
  access: TokenAccess = { kind: 'master' },
): Promise<Pick<MqttUser, 'token' | 'tokenId' | 'principal'>> {
  const { id: tokenId, token } = await service.call<{ id: string; token: string }>(
    'POST',
    '/api/access-tokens',
    {
      anonymous: true,
      headers: { cookie, origin: service.url },
      body: { name: 'mqtt', access },
      status: 201,
    },
  );
  const principal: Principal = {
    userId,
    email,
    role: 'member',
    kind: 'accessToken',
    credentialId: tokenId,
    expiresAt: null,
    access,
  };
  return { token, tokenId, principal };
}

/** Connects to the TLS port without a client certificate; fails with the broker's answer. */
export function connectUser(
  service: TestService,
  token: string,
  options: IClientOptions = {},
): Promise<MqttClient> {
  return connectMqtts({
    port: service.mqttPort,
    ca: service.app.authority.caPem,
    username: `FlespiToken ${token}`,
    ...options,
  });
}

/** A message as a client gets it. */
export interface Heard {
  topic: string;
  text: string;
  qos: number;
  retain: boolean;
}

/** What a client hears from now on; `until` waits for a number of messages. */
export function listen(client: MqttClient): { heard: Heard[]; until(count: number): Promise<Heard[]> } {
  const heard: Heard[] = [];
  let arrived = (): void => undefined;
  client.on('message', (topic, payload, { qos, retain }) => {
    heard.push({ topic, text: payload.toString(), qos, retain });
    arrived();
  });
  return {
    heard,
    until: async (count) => {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      return heard;
    },
  };
}
