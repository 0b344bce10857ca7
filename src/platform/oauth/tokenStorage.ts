import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import type { SecretStore } from "../../core/ports/secrets";
import { withDeadline } from "../deadline";
import { parseTokenSet, type TokenSet } from "./tokenSet";

/** The editor of a closed window can stay silent for hours; nothing waits longer for it than this. */
const deadlineMs = 5_000;

/** What reading the store gave; `silent`: the editor did not answer in time or failed. */
export type StoredTokens =
  | { readonly kind: "tokens"; readonly tokens: TokenSet }
  | { readonly kind: "none" }
  | { readonly kind: "silent" };

/** One account's place in the editor's secret storage. Never throws but the signal's reason; what failed is logged. */
export class TokenStorage {
  readonly #options: {
    readonly secrets: SecretStore;
    readonly key: string;
    readonly clock: Clock;
    readonly log: Log;
  };

  constructor(options: {
    readonly secrets: SecretStore;
    readonly key: string;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#options = options;
  }

  async read(signal: AbortSignal): Promise<StoredTokens> {
    const { secrets, key } = this.#options;
    const answer = await this.#try("read", signal, () => secrets.get(key));
    if (answer === undefined) return { kind: "silent" };
    const tokens = answer.value === undefined ? undefined : parseTokenSet(answer.value);
    return tokens === undefined ? { kind: "none" } : { kind: "tokens", tokens };
  }

  /** False: not stored, so the sign-in lives in this window's memory alone. */
  async write(tokens: TokenSet, signal: AbortSignal): Promise<boolean> {
    const { secrets, key } = this.#options;
    return (await this.#try("write", signal, () => secrets.set(key, JSON.stringify(tokens)))) !== undefined;
  }

  async erase(signal: AbortSignal): Promise<boolean> {
    const { secrets, key } = this.#options;
    return (await this.#try("erase", signal, () => secrets.delete(key))) !== undefined;
  }

  async #try<T>(
    step: string,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    const { clock, log } = this.#options;
    try {
      return { value: await withDeadline(clock, deadlineMs, signal, work) };
    } catch (error) {
      signal.throwIfAborted();
      log.warn("the editor's secret storage failed", { step, message: messageOf(error) });
      return undefined;
    }
  }
}
