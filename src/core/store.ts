import { Emitter } from "../base/emitter";
import { isTranslating } from "../base/words";
import type { Disposable } from "../base/disposable";
import { eventInLanguage } from "./eventWords";
import type { WorkerEvent } from "./events";
import { reduce } from "./reducer";
import { initialState, type WorkerState } from "./state";

/** What changed the state, with the state before. */
export interface Dispatched {
  readonly event: WorkerEvent;
  readonly before: WorkerState;
}

/** Holds the worker's state; the only way to change it is an event through the reducer. */
export class Store implements Disposable {
  #state: WorkerState = initialState;
  readonly #changed: Emitter<WorkerState>;
  readonly #dispatched: Emitter<Dispatched>;

  constructor(onListenerError: (error: unknown) => void) {
    this.#changed = new Emitter<WorkerState>(onListenerError);
    this.#dispatched = new Emitter<Dispatched>(onListenerError);
  }

  get state(): WorkerState {
    return this.#state;
  }

  get onDidChange(): Emitter<WorkerState>["event"] {
    return this.#changed.event;
  }

  /** Every event that changed the state, in order. */
  get onDidDispatch(): Emitter<Dispatched>["event"] {
    return this.#dispatched.event;
  }

  /** What a person reads of it is in the language of this editor from here on. */
  dispatch(written: WorkerEvent): void {
    const event = isTranslating() ? eventInLanguage(written) : written;
    const before = this.#state;
    const next = reduce(before, event);
    if (next === before) return;
    this.#state = next;
    this.#dispatched.fire({ event, before });
    this.#changed.fire(next);
  }

  dispose(): void {
    this.#dispatched.dispose();
    this.#changed.dispose();
  }
}
