import { Emitter } from "../base/emitter";
import type { Disposable } from "../base/disposable";
import type { WorkerEvent } from "./events";
import { reduce } from "./reducer";
import { initialState, type WorkerState } from "./state";

/** Holds the worker's state; the only way to change it is an event through the reducer. */
export class Store implements Disposable {
  #state: WorkerState = initialState;
  readonly #changed: Emitter<WorkerState>;

  constructor(onListenerError: (error: unknown) => void) {
    this.#changed = new Emitter<WorkerState>(onListenerError);
  }

  get state(): WorkerState {
    return this.#state;
  }

  get onDidChange(): Emitter<WorkerState>["event"] {
    return this.#changed.event;
  }

  dispatch(event: WorkerEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#changed.fire(next);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
