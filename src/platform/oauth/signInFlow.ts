import * as oauth from "oauth4webapi";
import { LinkedAbort } from "../../base/abort";
import { untilAborted } from "../../base/background";
import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import { say } from "../../base/words";
import { UserError } from "../../core/actions";
import { DeadlineExceeded, withDeadline } from "../deadline";
import { addressOf } from "../http/address";
import type { Account } from "./account";
import { listenForCallback } from "./loopbackServer";
import type { PendingSignIn, PendingSignIns } from "./pendingSignIns";
import {
  callbackParameters,
  parsePastedAddress,
  reachesLoopback,
  registeredRedirect,
  requireCode,
  type CallbackChoice,
} from "./redirects";
import { GrantRefused, type TokenEndpoint } from "./tokenEndpoint";
import type { TokenSource } from "./tokenSource";

/** What sign-in needs of the editor. */
export interface SignInBrowser {
  /** Opens the address in the user's browser; false when the user did not want it. */
  open(address: string): Promise<boolean>;
  /** What the editor makes of a local address for a browser elsewhere; opens a port forward where one is needed. */
  externalAddress(address: string): Promise<string>;
  /**
   * Asks for the address that the browser ended at. Undefined when dismissed: then the sign-in goes on waiting.
   * @param problem what was wrong with the one pasted before.
   */
  askForAddress(problem: string | undefined, signal: AbortSignal): Promise<string | undefined>;
}

/** What belongs to one account. */
export interface SignInParts {
  readonly endpoint: Pick<TokenEndpoint, "exchange">;
  readonly tokens: Pick<TokenSource, "adopt" | "reload">;
}

export interface SignInFlowOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly pending: PendingSignIns;
  readonly browser: SignInBrowser;
  /** Also called for an account of another window, whose callback reached this one. */
  readonly partsOf: (account: Account) => SignInParts;
}

export interface SignInRequest {
  readonly account: Account;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly callback: CallbackChoice;
}

const waitForBrowserMs = 5 * 60_000;
const editorDeadlineMs = 15_000;
const otherWindowMs = 20_000;

/** Authorization code with PKCE (S256), by loopback callback, URI callback or a pasted address. */
export class SignInFlow {
  readonly #options: SignInFlowOptions;
  readonly #waiting = new Map<string, (parameters: URLSearchParams) => void>();

  constructor(options: SignInFlowOptions) {
    this.#options = options;
  }

  /** Resolves once tokens are stored. Rejects with UserError when it did not work out, or with the signal's reason. */
  async signIn(request: SignInRequest, signal: AbortSignal): Promise<void> {
    if (request.account.clientId.trim() === "") {
      throw new UserError(
        say(
          "There is no OAuth client id. Ask an administrator of your workspace for it and set oneHorizon.oauth.clientId.",
        ),
      );
    }
    const { clock, pending } = this.#options;
    const redirectUri = registeredRedirect(request.callback);
    const state = oauth.generateRandomState();
    const verifier = oauth.generateRandomCodeVerifier();
    const limit = new LinkedAbort(signal);
    const loopback =
      request.callback.mode === "loopback" ? await listenForCallback({ redirectUri, state }) : undefined;
    try {
      const { origin, clientId } = request.account;
      await pending.save({ state, verifier, redirectUri, origin, clientId, createdAt: clock.now() });
      const mayPaste = loopback === undefined || !(await this.#reaches(redirectUri, limit.signal));
      await this.#open(await authorizeAddress(request, redirectUri, state, verifier), limit.signal);
      const arrived = await withDeadline(clock, waitForBrowserMs, limit.signal, (until) =>
        this.#firstAnswer({ state, redirectUri, loopback: loopback?.arrived, mayPaste }, until),
      );
      await (arrived === "elsewhere"
        ? this.#finishedElsewhere(request.account, limit.signal)
        : this.#finish(state, arrived, limit.signal));
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
      throw new UserError(
        say(
          "The browser did not come back within 5 minutes, so the sign-in was given up. Nothing was changed. Sign in again.",
        ),
      );
    } finally {
      limit.abort(new Error("the sign-in is over"));
      limit.dispose();
      loopback?.dispose();
      this.#waiting.delete(state);
      await pending.drop(state);
    }
  }

  /**
   * Takes a callback that the editor's URI handler received, for whichever window began that sign-in. False when the
   * address is none of ours. Rejects with UserError when the sign-in did not work out.
   */
  async handleUri(address: string, signal: AbortSignal): Promise<boolean> {
    const state = URL.canParse(address) ? new URL(address).searchParams.get("state") : null;
    if (state === null) return false;
    const pending = await this.#options.pending.find(state);
    const parameters = pending === undefined ? undefined : callbackParameters(address, pending.redirectUri);
    if (parameters === undefined) return false;
    const waiting = this.#waiting.get(state);
    if (waiting === undefined) await this.#finish(state, parameters, signal);
    else waiting(parameters);
    return true;
  }

  async #reaches(redirectUri: string, signal: AbortSignal): Promise<boolean> {
    const { browser, clock, log } = this.#options;
    try {
      const external = await withDeadline(clock, editorDeadlineMs, signal, () =>
        browser.externalAddress(new URL("/", redirectUri).href),
      );
      return reachesLoopback(redirectUri, external);
    } catch (error) {
      signal.throwIfAborted();
      log.warn("the editor did not tell the address of the callback", { message: messageOf(error) });
      return false;
    }
  }

  async #open(address: string, signal: AbortSignal): Promise<void> {
    const opened = await untilAborted(this.#options.browser.open(address), signal);
    if (!opened) {
      throw new UserError(say("The browser was not opened, so nobody was signed in. Sign in again."));
    }
  }

  /** The first of: loopback request, URI callback in this window, pasted address, another window took it. */
  async #firstAnswer(
    wait: {
      readonly state: string;
      readonly redirectUri: string;
      readonly loopback: Promise<URLSearchParams> | undefined;
      readonly mayPaste: boolean;
    },
    signal: AbortSignal,
  ): Promise<URLSearchParams | "elsewhere"> {
    const others = new LinkedAbort(signal);
    const ways: Promise<URLSearchParams | "elsewhere">[] = [
      new Promise((resolve) => this.#waiting.set(wait.state, resolve)),
      this.#takenElsewhere(wait.state, others.signal),
    ];
    if (wait.loopback !== undefined) ways.push(wait.loopback);
    if (wait.mayPaste) ways.push(this.#pasted(wait.redirectUri, wait.state, others.signal));
    for (const way of ways) way.catch(() => undefined);
    try {
      return await Promise.race(ways);
    } finally {
      others.abort(new Error("the browser came back"));
      others.dispose();
    }
  }

  async #pasted(redirectUri: string, state: string, signal: AbortSignal): Promise<URLSearchParams> {
    let problem: string | undefined;
    for (;;) {
      const text = await this.#options.browser.askForAddress(problem, signal);
      if (text === undefined) return untilAborted(new Promise<never>(() => undefined), signal);
      const pasted = parsePastedAddress(text, redirectUri, state);
      if (pasted.kind === "callback") return pasted.parameters;
      problem = pasted.message;
    }
  }

  async #takenElsewhere(state: string, signal: AbortSignal): Promise<"elsewhere"> {
    for (;;) {
      await this.#options.clock.sleep(1000, signal);
      if ((await this.#options.pending.find(state)) === undefined) return "elsewhere";
    }
  }

  async #finishedElsewhere(account: Account, signal: AbortSignal): Promise<void> {
    const { clock, partsOf } = this.#options;
    const until = clock.monotonic() + otherWindowMs;
    while (clock.monotonic() < until) {
      if (await partsOf(account).tokens.reload()) return;
      await clock.sleep(1000, signal);
    }
    throw new UserError(
      say(
        "Another window received the browser's answer, and the sign-in did not work out there. See the message in that window, or sign in again.",
      ),
    );
  }

  async #finish(state: string, parameters: URLSearchParams, signal: AbortSignal): Promise<void> {
    const pending = await this.#options.pending.take(state);
    if (pending === undefined) {
      throw new UserError(
        say("This sign-in waited too long or was used before. Nothing was changed. Sign in again."),
      );
    }
    requireCode(parameters);
    const { endpoint, tokens } = this.#options.partsOf({
      origin: pending.origin,
      clientId: pending.clientId,
    });
    await tokens.adopt(await exchange(endpoint, parameters, pending, signal));
    this.#options.log.info("signed in", { origin: pending.origin });
  }
}

async function authorizeAddress(
  request: SignInRequest,
  redirectUri: string,
  state: string,
  verifier: string,
): Promise<string> {
  return addressOf(
    request.account.origin,
    "authorize",
    {},
    {
      client_id: request.account.clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: request.scopes,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    },
  ).href;
}

async function exchange(
  endpoint: Pick<TokenEndpoint, "exchange">,
  parameters: URLSearchParams,
  pending: PendingSignIn,
  signal: AbortSignal,
): ReturnType<TokenEndpoint["exchange"]> {
  try {
    return await endpoint.exchange(parameters, pending, signal);
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof GrantRefused ? `refused the code (${error.code})` : messageOf(error);
    throw new UserError(
      say(
        "The sign-in did not work out: the platform {0}. Nothing was changed. Check the connection and sign in again.",
        why,
      ),
    );
  }
}
