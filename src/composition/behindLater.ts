import { LinkedAbort } from "../base/abort";
import { abortReason, type Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { actionsLater } from "./actionsLater";
import type { Behind } from "./behind";

export interface BehindLaterOptions {
  readonly clock: Clock;
  /** Reads the code, and builds what it makes. */
  readonly load: () => Promise<Behind>;
  /** Told why there is nothing behind the views; not when that is because they are closed. */
  readonly onError: (error: unknown) => void;
}

type Asked = "actions" | "diagnostics" | "changes" | "cleanUp" | "timeline";

/**
 * What stands behind the views, which are there first: to read its code takes longer than the editor should wait for
 * us. What is asked of it before waits for it; where it cannot be loaded, all of that rejects with the reason.
 */
export class BehindLater implements Pick<Behind, Asked>, Disposable {
  readonly #options: BehindLaterOptions;
  readonly #owned = new DisposableStore();
  readonly #life = new LinkedAbort();
  readonly #loaded: Promise<Behind>;
  #now: Behind | undefined;
  #ending = false;

  /** Loads in a later turn of the event loop, so that the editor hears before that the views are there. */
  constructor(options: BehindLaterOptions) {
    this.#options = options;
    this.#loaded = this.#load();
    this.#loaded.catch((error: unknown) => {
      if (!this.#life.signal.aborted) options.onError(error);
    });
  }

  /** Undefined until it is loaded. */
  get now(): Behind | undefined {
    return this.#now;
  }

  /** Rejects where it could not be loaded. */
  get loaded(): Promise<Behind> {
    return this.#loaded;
  }

  readonly actions = actionsLater(async () => (await this.#loaded).actions);

  readonly diagnostics: Behind["diagnostics"] = {
    run: async (...given) => await (await this.#loaded).diagnostics.run(...given),
  };

  readonly changes: Behind["changes"] = {
    changedFiles: async (...given) => await (await this.#changes()).changedFiles(...given),
    fileAt: async (...given) => await (await this.#changes()).fileAt(...given),
    fileNow: async (...given) => await (await this.#changes()).fileNow(...given),
    patch: async (...given) => await (await this.#changes()).patch(...given),
    revertFile: async (...given) => await (await this.#changes()).revertFile(...given),
    lookAtCheckOut: async (...given) => await (await this.#changes()).lookAtCheckOut(...given),
    checkOut: async (...given) => await (await this.#changes()).checkOut(...given),
    compareCommit: async (...given) => await (await this.#changes()).compareCommit(...given),
  };

  readonly cleanUp: Behind["cleanUp"] = {
    candidates: async (...given) => await (await this.#loaded).cleanUp.candidates(...given),
    remove: async (...given) => await (await this.#loaded).cleanUp.remove(...given),
  };

  readonly timeline: Behind["timeline"] = {
    follow: (sessionId, listener) => {
      const following = new DisposableStore();
      const none = (): void => {
        if (!following.isDisposed) listener({ kind: "timeline", entries: [], dropped: 0 });
      };
      this.#loaded.then(({ timeline }) => {
        if (!following.isDisposed) following.add(timeline.follow(sessionId, listener));
      }, none);
      return following;
    },
  };

  /** Ends in good order what runs. What is still being loaded is not brought up. */
  async shutDown(): Promise<void> {
    this.#ending = true;
    const behind = await this.#loaded.catch(() => undefined);
    await behind?.shutDown();
  }

  dispose(): void {
    this.#life.abort(new Error("the views are closed"));
    this.#owned.dispose();
  }

  async #changes(): Promise<Behind["changes"]> {
    return (await this.#loaded).changes;
  }

  async #load(): Promise<Behind> {
    const { clock, load } = this.#options;
    const { signal } = this.#life;
    await clock.sleep(0, signal);
    const behind = this.#owned.add(await load());
    if (signal.aborted) throw abortReason(signal);
    this.#now = behind;
    if (!this.#ending) behind.bringUp();
    return behind;
  }
}
