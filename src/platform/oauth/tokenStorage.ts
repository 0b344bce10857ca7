import * as z from "zod/mini";
import { neverAborted } from "../../base/abort";
import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import type { SecretStore } from "../../core/ports/secrets";
import { withDeadline } from "../deadline";
import { parseJson } from "../http/readBody";
import { isSealingKey, newSealingKey } from "./sealing";
import { tokenSetSchema, type TokenSet } from "./tokenSet";

/** The editor of a closed window can stay silent for hours; nothing waits longer for it than this. */
const deadlineMs = 5_000;

/** Whatever the key may be, it must not cost the sign-in. */
const storedSchema = z.extend(tokenSetSchema, { sealingKey: z.optional(z.unknown()) });

/** What reading the store gave; `silent`: the editor did not answer in time or failed. */
export type StoredTokens =
  | { readonly kind: "tokens"; readonly tokens: TokenSet }
  | { readonly kind: "none" }
  | { readonly kind: "silent" };

/** What could not be done with the secret storage. */
export type StorageStep = "read" | "write";

export interface TokenStorageOptions {
  readonly secrets: SecretStore;
  readonly key: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once per outage. */
  readonly onTrouble?: ((step: StorageStep) => void) | undefined;
}

/**
 * One account's place in the editor's secret storage: its tokens, and the key under which the refresh token crosses to
 * other windows. The key is made with the first tokens that are stored without one and stays the same over renewals.
 * Never throws but the signal's reason; what failed is logged.
 */
export class TokenStorage {
  readonly #options: TokenStorageOptions;
  readonly #told = new Set<StorageStep>();
  #owes = false;
  #sealingKey: string | undefined;

  constructor(options: TokenStorageOptions) {
    this.#options = options;
  }

  /** The tokens written last are in memory alone. */
  get owes(): boolean {
    return this.#owes;
  }

  /** As it was last read or stored; it outlives erased tokens, so that a new sign-in reaches windows that have it. */
  get sealingKey(): string | undefined {
    return this.#sealingKey;
  }

  /** The key for these tokens, which are stored with a new one where there is none. */
  async keyFor(tokens: TokenSet): Promise<string> {
    if (this.#sealingKey === undefined) await this.keep(tokens);
    this.#sealingKey ??= newSealingKey();
    return this.#sealingKey;
  }

  /** The next tokens get a new key. */
  forgetKey(): void {
    this.#sealingKey = undefined;
  }

  async read(signal: AbortSignal): Promise<StoredTokens> {
    const { secrets, key } = this.#options;
    const answer = await this.#try("read", signal, () => secrets.get(key));
    if (answer === undefined) return { kind: "silent" };
    this.#told.delete("read");
    const parsed = storedSchema.safeParse(answer.value === undefined ? undefined : parseJson(answer.value));
    if (!parsed.success) return { kind: "none" };
    const { sealingKey, ...tokens } = parsed.data;
    // What could not be written is newer than what is there.
    if (isSealingKey(sealingKey) && !this.#owes) this.#sealingKey = sealingKey;
    return { kind: "tokens", tokens };
  }

  /** What is not stored lives in this window's memory alone, which is told. */
  async keep(tokens: TokenSet): Promise<void> {
    const { secrets, key, log } = this.#options;
    this.#sealingKey ??= newSealingKey();
    const text = JSON.stringify({ ...tokenSetSchema.parse(tokens), sealingKey: this.#sealingKey });
    const write = (): Promise<void> => secrets.set(key, text);
    this.#owes = (await this.#try("write", neverAborted, write)) === undefined;
    if (this.#owes) {
      log.warn("the sign-in is not stored and ends with this window");
      this.#tell("write");
    } else {
      this.#told.delete("write");
    }
  }

  /** There may be a sign-in that cannot be read, and nobody else has it. */
  tellUnreadable(): void {
    this.#tell("read");
  }

  async erase(signal: AbortSignal): Promise<boolean> {
    this.#owes = false;
    const { secrets, key } = this.#options;
    return (await this.#try("erase", signal, () => secrets.delete(key))) !== undefined;
  }

  #tell(step: StorageStep): void {
    if (this.#told.has(step)) return;
    this.#told.add(step);
    this.#options.onTrouble?.(step);
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
