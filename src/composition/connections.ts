import { DisposableStore, type Disposable } from "../base/disposable";
import { Emitter, type Event } from "../base/emitter";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { Redactor } from "../base/redaction/redactor";
import type { SecretStore } from "../core/ports/secrets";
import { PlatformConnection } from "../platform/connection";
import { accountKey, type Account } from "../platform/oauth/account";
import type { TokenSet } from "../platform/oauth/tokenSet";
import type { StorageStep } from "../platform/oauth/tokenStorage";
import { tokenLabel } from "./learntSecrets";
import type { MachineServices } from "./machineServices";

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: Redactor;
  readonly secrets: SecretStore;
  readonly machine: Pick<MachineServices, "lock" | "spent" | "share">;
  /** Signs in to the account; resolves once its tokens are stored. */
  readonly signIn: (account: Account, signal: AbortSignal) => Promise<void>;
  /** Told once per outage of the editor's secret storage. */
  readonly onStorageTrouble: (step: StorageStep) => void;
}

/** One connection per platform and client, made when first asked for. Tokens of one never reach another. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #owned = new DisposableStore();
  readonly #open = new Map<string, PlatformConnection>();
  readonly #changed: Emitter<void>;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const onError = (error: unknown): void =>
      options.log.error("a sign-in listener failed", { message: messageOf(error) });
    this.#changed = this.#owned.add(new Emitter<void>(onError));
  }

  /** Fires when somebody signed in to or out of one of the accounts. */
  get onDidChangeSignIn(): Event<void> {
    return this.#changed.event;
  }

  of(account: Account): PlatformConnection {
    const key = accountKey(account);
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const { machine, redactor, ...rest } = this.#options;
    const { lock, spent, share } = machine;
    // Those of another window are in no storage that this one reads.
    const onTokens = ({ accessToken, refreshToken = "" }: TokenSet): void => {
      redactor.add(accessToken, tokenLabel);
      redactor.add(refreshToken, tokenLabel);
    };
    const made = this.#owned.add(
      new PlatformConnection({ ...rest, account, lock, spent, share, redactor, onTokens }),
    );
    this.#owned.add(made.authentication.onDidChange(() => this.#changed.fire()));
    made.start();
    this.#open.set(key, made);
    return made;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
