import type { DriverScalar } from '@polyrelay/contract';
import {
  type DriverDeclarations,
  type DriverState,
  type DriverValue,
  driverText,
  type SetDriverOptions,
} from './drivers.js';
import { NodeServerError } from './errors.js';
import type { NodePort } from './node-port.js';
import type { NodeServer } from './node-server.js';

/** A command of the user or of a program, for one node (PGC section 4). */
export interface Command {
  address: string;
  /** Such as `DON`. */
  cmd: string;
  value?: string;
  uom?: string;
  /** Named parameters as they came, such as `{ 'RAMP.uom25': '3' }`. */
  parameters: Readonly<Record<string, string>>;
}

/** A handler a command; what it throws is logged and reported as failed. */
export type Commands = Readonly<Record<string, (command: Command) => unknown>>;

export interface NodeOptions {
  /** 1 to 14 of a–z, 0–9 and _; the node's identity. */
  address: string;
  name: string;
  /** Address of the parent (default: the controller's). */
  primary?: string;
  hint?: string;
}

/** For `NodeServer` alone; not exported from the package. */
export let attachNode: (
  node: Node,
  port: NodePort,
  stored: ReadonlyMap<string, DriverState> | undefined,
) => void;
export let detachNode: (node: Node) => void;
export let currentDrivers: (node: Node) => Map<string, DriverState>;

/**
 * A device. Extend it: `nodedefId` names its definition in the profile, `drivers` its values, `commands`
 * what it understands. The names in `drivers` are what `setDriver` and `getDriver` accept.
 */
export class Node {
  /** Id of the nodedef in the profile. */
  static readonly nodedefId: string = '';

  readonly drivers: DriverDeclarations = {};
  readonly commands: Commands = {};
  readonly address: string;
  readonly name: string;
  readonly primary: string | undefined;
  readonly hint: string | undefined;

  readonly #state = new Map<string, DriverState>();
  /** What the service knows; a value is reported when it differs. */
  readonly #reported = new Map<string, DriverState>();
  #port: NodePort | undefined;

  /** Hands a node its way to the service; for `NodeServer`. */
  static {
    attachNode = (node, port, stored) => node.#attach(port, stored);
    detachNode = (node) => {
      node.#port = undefined;
    };
    currentDrivers = (node) => node.#all();
  }

  constructor({ address, name, primary, hint }: NodeOptions) {
    this.address = address;
    this.name = name;
    this.primary = primary;
    this.hint = hint;
  }

  /** The node server it was added to. */
  get server(): NodeServer {
    return this.#attached().server;
  }

  get isController(): boolean {
    return false;
  }

  /** After the node was added. */
  start(): unknown {
    return undefined;
  }

  /** Fetch fresh values and report them all. */
  query(): unknown {
    return this.reportDrivers();
  }

  /** Report all values. */
  status(): unknown {
    return this.reportDrivers();
  }

  /**
   * Sets a value and reports it when it differs, as text, from the last one. Before the node is added
   * it sets the first value. Updates of a few milliseconds travel together.
   */
  setDriver(
    driver: keyof this['drivers'] & string,
    value: DriverValue,
    options: SetDriverOptions = {},
  ): void {
    const state = { value: driverText(value, driver), uom: String(options.uom ?? this.#current(driver).uom) };
    this.#state.set(driver, state);
    if (this.#port && (options.report ?? true))
      this.#report(this.#port, driver, state, options.force ?? false);
  }

  getDriver(driver: keyof this['drivers'] & string): DriverState {
    return { ...this.#current(driver) };
  }

  /** Reports every driver, changed or not. */
  reportDrivers(): void {
    const port = this.#attached();
    for (const [driver, state] of this.#all()) this.#report(port, driver, state, true);
  }

  /** Reports an event of the device, such as `DON` of a pressed button. */
  reportCmd(command: string, value?: DriverScalar, uom?: DriverScalar): void {
    this.#attached().command({
      address: this.address,
      command,
      ...(value === undefined ? {} : { value: String(value) }),
      ...(uom === undefined ? {} : { uom: String(uom) }),
    });
  }

  #attached(): NodePort {
    if (this.#port) return this.#port;
    throw new NodeServerError(
      'NODE_NOT_ADDED',
      `Node ${this.address} was not added: await addNode(node) first`,
    );
  }

  #current(driver: string): DriverState {
    const known = this.#state.get(driver);
    if (known) return known;
    const declared = Object.hasOwn(this.drivers, driver) ? this.drivers[driver] : undefined;
    if (declared) return { value: driverText(declared.value, driver), uom: String(declared.uom) };
    const names = Object.keys(this.drivers).join(', ') || 'none';
    throw new NodeServerError(
      'DRIVER_UNKNOWN',
      `Node ${this.address} has no driver ${driver}; it declares ${names}`,
    );
  }

  #all(): Map<string, DriverState> {
    return new Map(Object.keys(this.drivers).map((driver) => [driver, this.#current(driver)]));
  }

  #report(port: NodePort, driver: string, state: DriverState, force: boolean): void {
    const last = this.#reported.get(driver);
    if (!force && last?.value === state.value && last.uom === state.uom) return;
    this.#reported.set(driver, state);
    port.status({ address: this.address, driver, ...state });
  }

  /** Values the service stored in an earlier run stay until the node server sets new ones. */
  #attach(port: NodePort, stored: ReadonlyMap<string, DriverState> | undefined): void {
    this.#port = port;
    for (const driver of Object.keys(this.drivers)) {
      const before = stored?.get(driver);
      if (before && !this.#state.has(driver)) this.#state.set(driver, before);
      const state = this.#current(driver);
      this.#reported.set(driver, before ?? state);
      this.#report(port, driver, state, false);
    }
  }
}
