/** What the greenhouse measures. */
export interface Reading {
  /** °C */
  temperature: number;
  /** % */
  humidity: number;
  /** What the temperature goes to, °C. */
  target: number;
}

/** Temperatures that can be set, °C. */
export const LOWEST = 5;
export const HIGHEST = 40;

/** Part of the way to the target that one step goes. */
const PULL = 0.3;
const USUAL_HUMIDITY = 65;

const round = (value: number): number => Math.round(value * 10) / 10;
const between = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, value));

/** Temperature and humidity that wander around a target. */
export class GreenhouseClimate {
  readonly #random: () => number;
  #target = 22;
  #temperature = 21;
  #humidity = USUAL_HUMIDITY;

  /** @param random numbers from 0 to 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Time goes on, then it is measured. */
  step(): Reading {
    const wander = (most: number): number => (this.#random() - 0.5) * 2 * most;
    this.#temperature += (this.#target - this.#temperature) * PULL + wander(0.4);
    this.#humidity += (USUAL_HUMIDITY - this.#humidity) * 0.1 + wander(2);
    return {
      temperature: round(this.#temperature),
      humidity: round(between(0, this.#humidity, 100)),
      target: this.#target,
    };
  }

  /**
   * Takes a message to the greenhouse: `{"set": 21}`, also where it was sent as a text.
   * @returns the answer to send
   */
  take(payload: unknown): Record<string, unknown> {
    const set = property(textIn(payload), 'set');
    if (typeof set !== 'number' || set < LOWEST || set > HIGHEST)
      return { error: `Send {"set": 21}, a temperature from ${LOWEST} to ${HIGHEST}`, got: payload };
    this.#target = set;
    return { ...this.step(), heard: payload };
  }
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** The JSON in a text, which arrives as `{"message":{"message":"…"}}`; anything else as it is. */
function textIn(payload: unknown): unknown {
  const text = property(property(payload, 'message'), 'message');
  if (typeof text !== 'string') return payload;
  try {
    return JSON.parse(text);
  } catch {
    return payload;
  }
}
