import { connect, type Socket } from 'node:net';
import { WIALON_ACKNOWLEDGEMENT } from '@polyrelay/codecs/wialon';

export interface WialonConnectionOptions {
  host: string;
  port: number;
  /** Seconds without an acknowledgement, or until the connection is there. */
  ackTimeout: number;
  /** Packets that may wait for their acknowledgement. */
  window: number;
}

interface Delivery {
  packets: readonly Uint8Array[];
  sent: number;
  acknowledged: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** A connection to a receiver of Wialon Retranslator. After any fault it is closed for good. */
export class WialonConnection {
  readonly #socket: Socket;
  readonly #options: WialonConnectionOptions;
  #delivery: Delivery | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connected: (() => void) | undefined;
  #fault: Error | undefined;

  private constructor(options: WialonConnectionOptions) {
    this.#options = options;
    this.#socket = connect({ host: options.host, port: options.port, noDelay: true, keepAlive: true });
    this.#socket.on('connect', () => this.#connected?.());
    this.#socket.on('data', (answer) => this.#acknowledge(answer));
    this.#socket.on('drain', () => this.#send());
    this.#socket.on('error', (error) => this.close(error));
    this.#socket.on('close', () => this.close(new Error(`${this.#where} closed the connection`)));
  }

  static async open(options: WialonConnectionOptions): Promise<WialonConnection> {
    const connection = new WialonConnection(options);
    await connection.#wait((resolve) => {
      connection.#connected = resolve;
    });
    return connection;
  }

  get closed(): boolean {
    return this.#fault !== undefined;
  }

  /** Sends packets, and returns when the receiver has acknowledged every one. One call at a time. */
  async deliver(packets: readonly Uint8Array[]): Promise<void> {
    if (packets.length === 0) return;
    await this.#wait(() => this.#send(), packets);
  }

  close(fault: Error): void {
    clearTimeout(this.#timer);
    this.#fault ??= fault;
    this.#socket.destroy();
    this.#delivery?.reject(this.#fault);
    this.#delivery = undefined;
  }

  get #where(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }

  #wait(begin: (resolve: () => void) => void, packets: readonly Uint8Array[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(this.#fault);
      const done = (): void => {
        clearTimeout(this.#timer);
        this.#delivery = undefined;
        resolve();
      };
      this.#delivery = { packets, sent: 0, acknowledged: 0, resolve: done, reject };
      this.#watch();
      begin(done);
    });
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const { ackTimeout } = this.#options;
    this.#timer = setTimeout(() => {
      this.close(new Error(`${this.#where} does not answer for ${ackTimeout} s`));
    }, ackTimeout * 1000);
  }

  #send(): void {
    const delivery = this.#delivery;
    if (delivery === undefined) return;
    const until = Math.min(delivery.packets.length, delivery.acknowledged + this.#options.window);
    this.#socket.cork();
    while (delivery.sent < until && !this.#socket.writableNeedDrain) {
      this.#socket.write(delivery.packets[delivery.sent] as Uint8Array);
      delivery.sent += 1;
    }
    this.#socket.uncork();
  }

  #acknowledge(answer: Buffer): void {
    const delivery = this.#delivery;
    const odd = answer.find((byte) => byte !== WIALON_ACKNOWLEDGEMENT);
    if (odd !== undefined) {
      this.close(
        new Error(
          `${this.#where} answered 0x${odd.toString(16).padStart(2, '0')}, not 0x11. Does it speak Wialon Retranslator?`,
        ),
      );
    } else if (delivery === undefined || delivery.acknowledged + answer.length > delivery.sent) {
      this.close(new Error(`${this.#where} acknowledged more packets than it was sent`));
    } else {
      delivery.acknowledged += answer.length;
      if (delivery.acknowledged === delivery.packets.length) delivery.resolve();
      else {
        this.#watch();
        this.#send();
      }
    }
  }
}
