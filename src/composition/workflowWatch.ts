import { realpath } from "node:fs/promises";
import type { Clock } from "../base/clock";
import { Debounce } from "../base/debounce";
import { DisposableStore, onDispose, type Disposable } from "../base/disposable";
import { Emitter } from "../base/emitter";

export interface WorkflowWatchOptions {
  /** Absolute path of the workflow file; undefined where there is none to read, for example in Restricted Mode. */
  readonly path: () => string | undefined;
  /** Tells of every change, creation, replacement and removal of the file at a path. */
  readonly watch: (path: string, onChange: () => void) => Disposable;
  readonly clock: Clock;
  /** Told of listeners that throw. */
  readonly onError: (error: unknown) => void;
}

/** A replaced file is gone for a moment, and one write may be several events. */
const quietMs = 200;

/** Tells when the workflow file may read differently: the file itself, what its links lead to, and which file it is. */
export class WorkflowWatch implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #options: WorkflowWatchOptions;
  readonly #changed: Emitter<void>;
  readonly #settled: Debounce;
  #places: readonly (string | undefined)[] = [];
  #watching: Disposable | undefined;

  constructor(options: WorkflowWatchOptions) {
    this.#options = options;
    this.#changed = this.#owned.add(new Emitter<void>(options.onError));
    this.#settled = this.#owned.add(new Debounce(() => this.#tell(), quietMs, options.clock));
    this.#owned.add(onDispose(() => this.#watching?.dispose()));
    this.renew();
  }

  get onDidChange(): Emitter<void>["event"] {
    return this.#changed.event;
  }

  /** The setting, the folder or its trust may have changed. */
  renew(): void {
    this.#follow().catch(this.#options.onError);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #tell(): void {
    // The file may be a link now, or another one.
    this.renew();
    this.#changed.fire();
  }

  async #follow(): Promise<void> {
    const path = this.#options.path();
    const real = path === undefined ? undefined : await realpath(path).catch(() => path);
    if (this.#owned.isDisposed || path !== this.#options.path()) return;
    const [before] = this.#places;
    if (path === before && real === this.#places[1]) return;
    this.#places = [path, real];
    this.#watching?.dispose();
    this.#watching = this.#watchAll([...new Set([path, real])]);
    if (path !== before) this.#changed.fire();
  }

  #watchAll(places: readonly (string | undefined)[]): Disposable {
    const watching = new DisposableStore();
    for (const place of places) {
      if (place !== undefined) watching.add(this.#options.watch(place, () => this.#settled.request()));
    }
    return watching;
  }
}
