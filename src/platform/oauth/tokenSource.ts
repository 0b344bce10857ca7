import { LinkedAbort, neverAborted } from "../../base/abort";
import { untilAborted } from "../../base/background";
import type { Clock } from "../../base/clock";
import type { Disposable } from "../../base/disposable";
import { Emitter, type Event } from "../../base/emitter";
import { messageOf, type Log } from "../../base/log";
import { PlatformError } from "../../core/platformError";
import type { MachineLock } from "../../core/ports/machineLock";
import type { SecretStore } from "../../core/ports/secrets";
import type { SpentTokens } from "../../core/ports/spentTokens";
import type { TokenShare } from "../../core/ports/tokenShare";
import type { AccessTokens } from "../accessTokens";
import { accountKey, type Account } from "./account";
import { EndedSignIns } from "./endedSignIns";
import { newerStored } from "./newerStored";
import { spendOnce } from "./spendOnce";
import { GrantRefused, type TokenEndpoint } from "./tokenEndpoint";
import { notNow, signedOut } from "./tokenErrors";
import { TokenOwnership, type OwnerAnswer } from "./tokenOwnership";
import { TokenClock } from "./tokenClock";
import { TokenPassing } from "./tokenPassing";
import { isFresh, renewalAt, tokenHash, type TokenSet } from "./tokenSet";
import { TokenStorage, type StorageStep } from "./tokenStorage";

export interface TokenSourceOptions {
  readonly account: Account;
  readonly secrets: SecretStore;
  readonly lock: MachineLock;
  readonly spent: SpentTokens;
  readonly share: TokenShare;
  readonly endpoint: Pick<TokenEndpoint, "refresh" | "isReachable">;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once per outage that the editor's secret storage failed or did not answer: the tokens live in memory meanwhile. */
  readonly onStorageTrouble?: ((step: StorageStep) => void) | undefined;
  /** Told of each token set as it comes, before it is used. */
  readonly onTokens?: ((tokens: TokenSet) => void) | undefined;
}

export type SignInState =
  { readonly kind: "signedIn" } | { readonly kind: "signedOut"; readonly message: string };

/** How often the state of the other windows is looked at. */
const tickMs = 15_000;
const overdueMs = 5_000;
/** Between tries while the owner is changing. */
const handoverWaitsMs = [0, 200, 400, 800, 1600];
const noSignIn = "There is no sign-in. Sign in to go on.";

/**
 * The tokens of one account, in memory and in secret storage. One window of this machine, the owner, renews them; the
 * others get them from it, the refresh token sealed. A window that finds no owner becomes it, where it has the refresh
 * token; where it could not open it, it leaves renewing to the others.
 */
export class TokenSource implements AccessTokens, Disposable {
  readonly #options: TokenSourceOptions;
  readonly #storage: TokenStorage;
  readonly #ownership: TokenOwnership;
  readonly #ended: EndedSignIns;
  readonly #clock: TokenClock;
  readonly #life = new LinkedAbort();
  readonly #signIns: Emitter<SignInState>;
  readonly #changes: Emitter<string>;
  #tokens: TokenSet | undefined;
  /** Nothing is stored here, and no window shares: known until a sign-in. */
  #knownSignedOut = false;
  /** Counts sign-ins and sign-outs: what an older one started must not bring its tokens back. */
  #generation = 0;
  #finding: Promise<void> | undefined;
  #obtaining: Promise<TokenSet> | undefined;
  #refreshing: Promise<TokenSet> | undefined;
  #started = false;

  constructor(options: TokenSourceOptions) {
    const { account, secrets, lock, share, clock, log, onStorageTrouble } = options;
    const key = accountKey(account);
    this.#options = options;
    this.#clock = new TokenClock(clock);
    this.#storage = new TokenStorage({ secrets, key, clock, log, onTrouble: onStorageTrouble });
    this.#ended = new EndedSignIns(options);
    this.#ownership = new TokenOwnership({
      name: key,
      lock,
      share,
      clock,
      log,
      passing: new TokenPassing({ account, storage: this.#storage, log }),
      owner: {
        get: (refused) => this.#answerGet(refused),
        adopt: (adopted) => this.#answerAdopt(adopted),
        signOut: () => this.#answerSignOut(),
      },
    });
    const onError = (error: unknown): void =>
      log.error("a sign-in listener failed", { message: messageOf(error) });
    this.#signIns = new Emitter(onError);
    this.#changes = new Emitter(onError);
  }

  get onDidChangeSignIn(): Event<SignInState> {
    return this.#signIns.event;
  }

  get onDidChangeToken(): Event<string> {
    return this.#changes.event;
  }

  /** Begins to renew ahead of expiry, until disposed. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#run(this.#life.signal).catch((error: unknown) => {
      if (!this.#life.signal.aborted) {
        this.#options.log.error("renewing the sign-in ahead stopped", { message: messageOf(error) });
      }
    });
  }

  async isSignedIn(): Promise<boolean> {
    await this.#load();
    return this.#tokens !== undefined;
  }

  /** Looks into storage and asks the other windows again. */
  async reload(): Promise<boolean> {
    this.#knownSignedOut = false;
    return this.isSignedIn();
  }

  async get(signal: AbortSignal): Promise<string> {
    const tokens = await this.#require(signal);
    if (isFresh(tokens, this.#clock.now())) return tokens.accessToken;
    return (await untilAborted(this.#obtain(undefined), signal)).accessToken;
  }

  async renew(refused: string, signal: AbortSignal): Promise<string> {
    const tokens = await this.#require(signal);
    if (tokens.accessToken !== refused && isFresh(tokens, this.#clock.now())) {
      return tokens.accessToken;
    }
    return (await untilAborted(this.#obtain(refused), signal)).accessToken;
  }

  /** Takes the tokens of a sign-in that a person has just made, here and in the owner. */
  async adopt(tokens: TokenSet): Promise<void> {
    this.#take(tokens);
    const generation = this.#generation;
    await this.#storage.keep(tokens);
    const isCurrent = (): boolean => generation === this.#generation;
    await this.#ownership.handOver(tokens, isCurrent, this.#life.signal).catch(() => undefined);
  }

  /** Forgets the tokens in memory and in storage, in every window, and lets no old copy of them come back. */
  async signOut(): Promise<void> {
    await this.#load();
    const tokens = this.#tokens;
    if (tokens !== undefined) await this.#ended.bury(tokens);
    if (!this.#ownership.owns) await this.#ownership.signOut();
    await this.#forget("Signed out.");
    this.#storage.forgetKey();
  }

  /** Ends the loop. A renewal that is under way is not cut off: its token would be lost. */
  dispose(): void {
    this.#life.abort(new Error("disposed"));
    this.#signIns.dispose();
    this.#changes.dispose();
    const release = (): void => this.#ownership.dispose();
    if (this.#refreshing === undefined) release();
    else this.#refreshing.then(release, release);
  }

  async #require(signal: AbortSignal): Promise<TokenSet> {
    await untilAborted(this.#load(), signal);
    if (this.#tokens === undefined) throw signedOut(noSignIn);
    return this.#tokens;
  }

  #load(): Promise<void> {
    if (this.#tokens !== undefined || this.#knownSignedOut) return Promise.resolve();
    this.#finding ??= this.#find().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  async #find(): Promise<void> {
    const generation = this.#generation;
    const stored = await this.#storage.read(neverAborted);
    if (
      stored.kind === "tokens" &&
      !(await this.#ended.areWorthless(stored.tokens, this.#options.clock.now()))
    ) {
      if (generation === this.#generation) this.#remember(stored.tokens);
      return;
    }
    const answer = await this.#ownership.get(undefined, undefined);
    if (generation !== this.#generation) return;
    if (answer?.kind === "tokens") this.#remember(answer.tokens);
    // A store that stayed silent may hold a sign-in: asked again at the next call.
    else if (stored.kind === "silent") this.#storage.tellUnreadable();
    else this.#knownSignedOut = true;
  }

  #obtain(refused: string | undefined): Promise<TokenSet> {
    this.#obtaining ??= this.#obtainFromOwner(refused).finally(() => {
      this.#obtaining = undefined;
    });
    return this.#obtaining;
  }

  async #obtainFromOwner(refused: string | undefined): Promise<TokenSet> {
    for (const waitMs of handoverWaitsMs) {
      await this.#options.clock.sleep(waitMs, this.#life.signal);
      if (await this.#mayRenew()) return await this.#refreshUnlessFresh(refused);
      const generation = this.#generation;
      const answer = await this.#ownership.get(refused, this.#tokens);
      // The one that answered is gone, and this window has its place.
      if (this.#ownership.owns) continue;
      if (generation !== this.#generation) {
        if (this.#tokens === undefined) throw signedOut(noSignIn);
        return this.#tokens;
      }
      if (answer?.kind === "tokens") return this.#remember(answer.tokens);
      if (answer?.kind === "failed") throw notNow(answer.message);
      if (answer?.kind === "signedOut") {
        await this.#forget("Signed out in another window.");
        throw signedOut("The sign-in ended in another window. Sign in again.");
      }
    }
    return this.#unanswered(refused);
  }

  async #mayRenew(): Promise<boolean> {
    if (this.#tokens?.renewedElsewhere !== true && !(await this.#ownership.own())) return false;
    if (this.#tokens?.renewedElsewhere !== true) return true;
    this.#ownership.release();
    return false;
  }

  /** A window that cannot renew works on to the end of its access token; what is stored may be of use to others. */
  #unanswered(refused: string | undefined): TokenSet {
    const tokens = this.#tokens;
    if (tokens?.renewedElsewhere !== true) {
      throw notNow("another window renews the sign-in and does not answer");
    }
    if (refused === undefined && isFresh(tokens, this.#clock.now())) return tokens;
    const message =
      "The window that renewed the sign-in is gone, and this one has no key to it. What is stored was kept. Reload this window, or sign in again.";
    this.#drop(message);
    throw signedOut(message);
  }

  /** Somebody else may have renewed them just before. */
  async #refreshUnlessFresh(refused: string | undefined): Promise<TokenSet> {
    const tokens = this.#tokens;
    const good = tokens !== undefined && refused === undefined && isFresh(tokens, this.#clock.now());
    return good ? tokens : await this.#refresh(refused);
  }

  #refresh(refused: string | undefined): Promise<TokenSet> {
    this.#refreshing ??= this.#refreshAsOwner(refused).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshAsOwner(refused: string | undefined): Promise<TokenSet> {
    const { log } = this.#options;
    const generation = this.#generation;
    const tokens = this.#tokens;
    if (tokens === undefined) throw signedOut(noSignIn);
    const stored = await newerStored(this.#storage, this.#ended, tokens, refused, this.#options.clock.now());
    if (stored?.usable === true) return this.#remember(stored.tokens);
    let renewed: TokenSet | undefined;
    try {
      renewed = await spendOnce(this.#options, [tokens.refreshToken, stored?.tokens.refreshToken]);
    } catch (error) {
      if (!(error instanceof GrantRefused)) {
        throw error instanceof PlatformError ? error : notNow(messageOf(error));
      }
      log.warn("the platform refused to renew the sign-in", { reason: error.code });
      if (generation === this.#generation) {
        await this.#forget(`The platform ended the sign-in (${error.code}).`);
      }
      throw signedOut(`The platform ended the sign-in (${error.code}). Sign in again.`);
    }
    if (generation !== this.#generation) {
      // A person signed out or in anew meanwhile: these tokens belong to the sign-in before.
      if (renewed !== undefined) await this.#ended.bury(renewed);
      if (this.#tokens === undefined) throw signedOut(noSignIn);
      return this.#tokens;
    }
    if (renewed === undefined) {
      if (refused === undefined && isFresh(tokens, this.#clock.now())) return tokens;
      const message = "The sign-in ran out and cannot be renewed. Sign in again.";
      await this.#forget(message);
      throw signedOut(message);
    }
    this.#remember(renewed);
    await this.#storage.keep(renewed);
    return renewed;
  }

  async #answerAdopt(tokens: TokenSet): Promise<OwnerAnswer> {
    this.#take(tokens);
    await this.#storage.keep(tokens);
    return { kind: "done" };
  }

  /** The asking window may know an older token than this one has renewed to. */
  async #answerSignOut(): Promise<OwnerAnswer> {
    if (this.#tokens !== undefined) await this.#ended.bury(this.#tokens);
    await this.#forget("Signed out in another window.");
    this.#storage.forgetKey();
    return { kind: "done" };
  }

  async #answerGet(refusedHash: string | undefined): Promise<OwnerAnswer> {
    try {
      const tokens = this.#tokens;
      if (tokens === undefined) return { kind: "signedOut" };
      const wasRefused = refusedHash === tokenHash(tokens.accessToken);
      if (!wasRefused && isFresh(tokens, this.#clock.now())) return { kind: "tokens", tokens };
      return { kind: "tokens", tokens: await this.#refresh(wasRefused ? tokens.accessToken : undefined) };
    } catch (error) {
      if (PlatformError.is(error, "signedOut")) return { kind: "signedOut" };
      return { kind: "failed", message: messageOf(error) };
    }
  }

  /** A new sign-in, made by a person. */
  #take(tokens: TokenSet): void {
    this.#generation += 1;
    this.#tokens = undefined;
    this.#remember(tokens);
  }

  #remember(tokens: TokenSet): TokenSet {
    this.#options.onTokens?.(tokens);
    const before = this.#tokens;
    if (before?.accessToken !== tokens.accessToken) this.#clock.restart();
    this.#tokens = tokens;
    this.#knownSignedOut = false;
    if (before?.accessToken !== tokens.accessToken) this.#changes.fire(tokens.accessToken);
    if (before === undefined) this.#signIns.fire({ kind: "signedIn" });
    return tokens;
  }

  async #forget(message: string): Promise<void> {
    const wasSignedIn = this.#clear();
    await this.#storage.erase(neverAborted);
    this.#ownership.release();
    if (wasSignedIn) this.#signIns.fire({ kind: "signedOut", message });
  }

  /** In memory alone. */
  #drop(message: string): void {
    if (this.#clear()) this.#signIns.fire({ kind: "signedOut", message });
  }

  #clear(): boolean {
    const wasSignedIn = this.#tokens !== undefined;
    this.#generation += 1;
    this.#tokens = undefined;
    this.#knownSignedOut = true;
    return wasSignedIn;
  }

  async #run(signal: AbortSignal): Promise<never> {
    const { clock, log } = this.#options;
    for (;;) {
      try {
        await this.#tick();
      } catch (error) {
        signal.throwIfAborted();
        log.warn("the sign-in was not renewed ahead and is tried again", { message: messageOf(error) });
      }
      const dueMs = this.#tokens === undefined ? tickMs : renewalAt(this.#tokens) - this.#clock.now();
      // Due and still not renewed: the line is down, or nothing unspent is left.
      await clock.sleep(dueMs > 0 ? Math.min(tickMs, Math.max(1000, dueMs)) : overdueMs, signal);
    }
  }

  async #tick(): Promise<void> {
    if (this.#tokens === undefined) {
      await this.reload();
    } else if (await this.#mayRenew()) {
      if (await this.#ended.isBuried(this.#tokens)) await this.#forget("Signed out in another window.");
      else if (this.#clock.now() >= renewalAt(this.#tokens)) await this.#refresh(undefined);
    } else {
      await this.#obtain(undefined);
    }
    // A keyring that is unlocked later still gets what it did not take.
    const tokens = this.#tokens;
    if (this.#storage.owes && tokens !== undefined && tokens.renewedElsewhere !== true) {
      await this.#storage.keep(tokens);
    }
  }
}
