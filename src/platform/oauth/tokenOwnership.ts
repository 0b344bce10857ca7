import { neverAborted } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { Held, MachineLock } from "../../core/ports/machineLock";
import type { TokenShare } from "../../core/ports/tokenShare";
import { withDeadline } from "../deadline";
import { parseTokenAnswer, parseTokenRequest, type TokenAnswer, type TokenRequest } from "./tokenMessages";

/** Longer than the owner's own two calls, so that a slow renewal is waited for. */
const askDeadlineMs = 35_000;

export interface TokenOwnershipOptions {
  readonly name: string;
  readonly lock: MachineLock;
  readonly share: TokenShare;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers the other windows while this one owns the account. */
  readonly answer: (request: TokenRequest) => Promise<TokenAnswer>;
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

  /** The owner's answer; undefined when none answers. */
  async ask(request: TokenRequest): Promise<TokenAnswer | undefined> {
    const { share, name, clock, log } = this.#options;
    try {
      const text = await withDeadline(clock, askDeadlineMs, neverAborted, (signal) =>
        share.ask(name, JSON.stringify(request), signal),
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
        : await this.#options.answer(request);
    return JSON.stringify(answer);
  }
}
