import type { Installation, InstallStep } from '@polyrelay/contract';

/** Steps of which none is under way any more. */
export const ended = (steps: readonly InstallStep[], state: 'done' | 'failed'): InstallStep[] =>
  steps.map((step) =>
    step.state === 'running' ? { ...step, state, endedAt: new Date().toISOString() } : step,
  );

/** The steps of an installation as the user follows them; every change is told. */
export class Progress {
  readonly #kind: Installation['kind'];
  readonly #onChange: (installation: Installation) => void;
  #steps: InstallStep[] = [];

  constructor(kind: Installation['kind'], onChange: (installation: Installation) => void) {
    this.#kind = kind;
    this.#onChange = onChange;
  }

  /** The step before is done, this one is under way. */
  step(name: string): void {
    this.#close('done');
    this.#steps = [
      ...this.#steps,
      { name, state: 'running', startedAt: new Date().toISOString(), endedAt: null },
    ];
    this.#tell('running', '');
  }

  failed(reason: string): void {
    this.#close('failed');
    this.#tell('failed', reason);
  }

  #close(state: 'done' | 'failed'): void {
    this.#steps = ended(this.#steps, state);
  }

  #tell(state: Installation['state'], reason: string): void {
    this.#onChange({ kind: this.#kind, state, reason, steps: this.#steps });
  }
}
