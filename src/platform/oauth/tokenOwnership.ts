import { neverAborted } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { Held, MachineLock } from "../../core/ports/machineLock";
import type { TokenShare } from "../../core/ports/tokenShare";
import { withDeadline } from "../deadline";
import {
  answerText,
  parseTokenAnswer,
  parseTokenRequest,
  requestText,
  type TokenAnswer,
  type TokenRequest,
} from "./tokenMessages";
import type { TokenPassing } from "./tokenPassing";
import { tokenHash, type TokenSet } from "./tokenSet";

/** Longer than the owner's own two calls, so that a slow renewal is waited for. */
const askDeadlineMs = 35_000;
/** Between tries to hand a new sign-in over, and after how long an owner that is silent is not tried again. */
const handOverWaitsMs = [0, 200, 400, 800, 1600];
const handOverMs = 5_000;

/** What the owner says to another window. */
export type OwnerAnswer = Exclude<TokenAnswer, { kind: "tokens" }> | GivenTokens;
interface GivenTokens {
  readonly kind: "tokens";
  readonly tokens: TokenSet;
}

/** What other windows want of the owner. Never reject. */
interface TokenOwner {
  /** @param refused hash of an access token that the platform answered with 401. */
  get(refused: string | undefined): Promise<OwnerAnswer>;
  /** A person signed in there. */
  adopt(tokens: TokenSet): Promise<OwnerAnswer>;
  signOut(): Promise<OwnerAnswer>;
}

export interface TokenOwnershipOptions {
  readonly name: string;
  readonly lock: MachineLock;
  readonly share: TokenShare;
  readonly clock: Clock;
  readonly log: Log;
  readonly passing: TokenPassing;
  /** Answers the other windows while this one owns the account. */
  readonly owner: TokenOwner;
}

/** Which window renews the tokens of one account, and how the others reach it. */
export class TokenOwnership implements Disposable {
  readonly #options: TokenOwnershipOptions;
  #held: Held | undefined;
  #serving: Disposable | undefined;
  #taking: Promise<boolean> | undefined;
  #disposed = false;

  constructor(options: TokenOwnershipOptions) {
    this.#options = options;
  }

  get owns(): boolean {
    return this.#held !== undefined;
  }

  /** True when this window owns the account, now or from now on. Never throws. */
  own(): Promise<boolean> {
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /**
   * The owner's tokens; undefined when none answers.
   * @param refused an access token that the platform answered with 401. @param own what this window has now.
   */
  async get(refused: string | undefined, own: TokenSet | undefined): Promise<OwnerAnswer | undefined> {
    const answer = await this.#ask({
      kind: "get",
      ...(refused === undefined ? {} : { refused: tokenHash(refused) }),
    });
    if (answer?.kind !== "tokens") return answer;
    return { kind: "tokens", tokens: await this.#options.passing.unwrap(answer.tokens, own) };
  }

  /**
   * Until the owner has taken a new sign-in over or, where it cannot open it, has let this window own the account.
   * @param isCurrent nobody signed in or out since. Rejects with the signal's reason only.
   */
  async handOver(tokens: TokenSet, isCurrent: () => boolean, signal: AbortSignal): Promise<void> {
    const { passing, clock, log } = this.#options;
    const until = clock.monotonic() + handOverMs;
    for (const waitMs of handOverWaitsMs) {
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      if (!isCurrent() || (await this.own())) return;
      const answer = await this.#ask({ kind: "adopt", tokens: await passing.wrap(tokens) });
      if (!isCurrent() || answer?.kind === "done" || (await this.own())) return;
      if (clock.monotonic() >= until) break;
    }
    log.warn("the window that renews the sign-in did not take the new one over");
  }

  /** Whether or not the owner hears of it. */
  async signOut(): Promise<void> {
    await this.#ask({ kind: "signOut" });
  }

  async #ask(request: TokenRequest): Promise<TokenAnswer | undefined> {
    const { share, name, clock, log } = this.#options;
    try {
      const text = await withDeadline(clock, askDeadlineMs, neverAborted, (signal) =>
        share.ask(name, requestText(request), signal),
      );
      return text === undefined ? undefined : parseTokenAnswer(text);
    } catch (error) {
      log.warn("the window that renews the sign-in did not answer", { message: messageOf(error) });
      return undefined;
    }
  }

  /** Gives the account up, so that another window may own it. */
  release(): void {
    this.#serving?.dispose();
    this.#serving = undefined;
    this.#held?.dispose();
    this.#held = undefined;
  }

  dispose(): void {
    this.#disposed = true;
    this.release();
  }

  async #take(): Promise<boolean> {
    const { lock, name, log } = this.#options;
    try {
      this.#held ??= await lock.tryHold(name);
    } catch (error) {
      log.warn("the machine lock for the sign-in failed", { message: messageOf(error) });
    }
    if (this.#disposed) this.release();
    if (this.#held === undefined) return false;
    await this.#serve();
    return true;
  }

  /** Without a channel this window still renews; the others wait until it can serve. */
  async #serve(): Promise<void> {
    if (this.#serving !== undefined) return;
    const { share, name, log } = this.#options;
    try {
      const serving = await share.serve(name, (text) => this.#answer(text));
      if (this.#held === undefined) serving.dispose();
      else this.#serving = serving;
    } catch (error) {
      log.warn("the sign-in cannot be shared with other windows yet", { message: messageOf(error) });
    }
  }

  async #answer(text: string): Promise<string> {
    const request = parseTokenRequest(text);
    const answer: TokenAnswer =
      request === undefined
        ? { kind: "failed", message: "the request is not understood" }
        : await this.#answerTo(request);
    return answerText(answer);
  }

  async #answerTo(request: TokenRequest): Promise<TokenAnswer> {
    const { owner, passing } = this.#options;
    switch (request.kind) {
      case "adopt":
        return await this.#adopt(await passing.unwrap(request.tokens, undefined));
      case "signOut":
        return await this.#wrapped(await owner.signOut());
      case "get":
        return await this.#wrapped(await owner.get(request.refused));
    }
  }

  /** What cannot be opened is not believed: its window may own the account and tell what it has when it is asked. */
  async #adopt(tokens: TokenSet): Promise<TokenAnswer> {
    if (tokens.renewedElsewhere !== true) return await this.#wrapped(await this.#options.owner.adopt(tokens));
    this.release();
    return { kind: "failed", message: "the sign-in could not be opened, and is for who made it to renew" };
  }

  async #wrapped(answer: OwnerAnswer): Promise<TokenAnswer> {
    if (answer.kind !== "tokens") return answer;
    return { kind: "tokens", tokens: await this.#options.passing.wrap(answer.tokens) };
  }
}
