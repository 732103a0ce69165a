import type { TokenAccess } from '@polyrelay/contract';

/** Who a connection is, and what it may do. Made by the module that knows it. */
export interface MqttIdentity {
  kind: 'worker' | 'thing' | 'user' | 'service';
  /** Unique over all kinds together with `kind`; put in front of the client id, so that nobody evicts another. */
  id: string;
  /** Of the access token it signed in with (users). */
  credentialId?: string;
  /** What that token may do. */
  access?: TokenAccess;
  mayPublish(topic: string): boolean;
  maySubscribe(filter: string): boolean;
}

/** What a connection showed: a verified client certificate, or user name and password. */
export interface MqttCredentials {
  /** Common name of the certificate. */
  certificateName?: string;
  /** Its SHA-256, in lower-case hex. */
  certificateFingerprint?: string;
  username?: string;
  password?: string;
}

/** Somebody on the broker, by what is the same for all its connections; with a credential: those made with it. */
export type MqttParty = Pick<MqttIdentity, 'kind' | 'id' | 'credentialId'>;

/** One connection of an identity (embedded broker), for who sends to it alone. */
export interface Connection {
  readonly identity: MqttIdentity;
  /** As the client named itself. */
  readonly clientId: string;
  /** It asked to be remembered (`clean: false`). */
  readonly lasting: boolean;
  readonly closed: boolean;
  /** What it has subscribed. */
  filters(): string[];
  /** With which quality of service it hears a topic; undefined: not at all. */
  granted(topic: string): GrantedQos | undefined;
  /** Sends to it, in the order of the calls. An acknowledgement is waited for as long as the connection stands. */
  send(topic: string, payload: string, options: { qos: GrantedQos; retain?: boolean }): Promise<Delivered>;
}

/** A message that came in. `identity` is null from an outside broker, which does not tell who published. */
export interface MqttMessage {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  identity: MqttIdentity | null;
  /** Connections of the same identity besides the one that sent this. */
  otherConnections: number;
}

/** Knows some kind of credentials; undefined leaves them to the next one. */
export type MqttAuthenticator = (credentials: MqttCredentials) => Promise<MqttIdentity | undefined>;

/** What a broker tells the edge. */
export interface BrokerEvents {
  authenticate(credentials: MqttCredentials): Promise<MqttIdentity | undefined>;
  /** Resolves when the message is committed: only then it is acknowledged. */
  message(message: MqttMessage): Promise<void>;
  /** A publish or subscribe that its identity may not do, or a message that is too large. */
  refused(identity: MqttIdentity, what: string): void;
  /** A subscription that is allowed is about to be acknowledged, which waits for this. */
  subscribing(connection: Connection, filter: string): Promise<void>;
  /** A subscription stands: what is published from now on arrives. An outside broker does not tell. */
  subscribed(connection: Connection, filter: string): void;
  /** A connection gave up a subscription. */
  unsubscribed(connection: Connection, filter: string): void;
  /** A connection that had signed in is no more. */
  closed(connection: Connection): void;
  /** The first connection of an identity stands. An outside broker does not tell. */
  came(identity: MqttIdentity): void;
  /** The last connection of an identity is gone. */
  gone(identity: MqttIdentity): void;
}

export interface PublishOptions {
  qos?: 0 | 1;
  /** Kept by an outside broker for who subscribes later. */
  retain?: boolean;
  /** Resolve when the broker has acknowledged it; an outside one may do so after what it is sending at the moment. */
  confirmed?: boolean;
}

/** With which quality of service a topic is heard. */
export type GrantedQos = 0 | 1;

/** Chooses what a connection gets, by what it has subscribed; undefined: nothing. */
export type Choose = (
  granted: (topic: string) => GrantedQos | undefined,
) => { topic: string; payload: string } | undefined;

/**
 * What became of a message to an identity: its client `acknowledged` it; it was `sent` and is not acknowledged, or not
 * meant to be (QoS 0); the connection `ended` before; or nobody was there who wants it.
 */
export type Delivered = 'acknowledged' | 'sent' | 'ended' | 'absent';

/** A broker, embedded or outside. */
export interface Broker {
  readonly kind: 'embedded' | 'outside';
  /** Where workers connect. */
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the broker has taken the message. */
  publish(topic: string, payload: string | Buffer, options?: PublishOptions): Promise<void>;
  /** Sends a message to every connection of an identity that wants it; an outside broker tells of no connections. */
  deliver(identity: Pick<MqttIdentity, 'kind' | 'id'>, choose: Choose): Promise<Delivered>;
  /** The greatest quality of service with which connections of an identity hear a topic. */
  granted(identity: Pick<MqttIdentity, 'kind' | 'id'>, topic: string): GrantedQos | undefined;
  /** Connected clients, as far as the broker tells. */
  clients(): number;
  /** Ends every connection of an identity (its owner was deleted, its credential revoked). */
  disconnect(party: MqttParty): void;
  /** Who is connected, once for each connection, as far as the broker tells. */
  identities(): Iterable<MqttIdentity>;
  health(): { status: 'ok' | 'failing'; detail: string };
}

/** Greatest payload a client may publish, in bytes. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
