import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";
import { Emitter } from "../base/emitter";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import type { TextRedactor } from "../base/redaction/redactor";
import type { Authentication, Connection } from "../core/ports/connection";
import type { MachineLock } from "../core/ports/machineLock";
import type { Platform } from "../core/ports/platform";
import type { SecretStore } from "../core/ports/secrets";
import type { SpentTokens } from "../core/ports/spentTokens";
import type { TokenShare } from "../core/ports/tokenShare";
import { redactedPlatform } from "../core/redacted/redactedPlatform";
import type { CallBook } from "./callBook";
import { HttpClient } from "./http/httpClient";
import type { Account } from "./oauth/account";
import type { SignInParts } from "./oauth/signInFlow";
import { TokenEndpoint } from "./oauth/tokenEndpoint";
import { tokenFacts, type TokenFacts, type TokenSet } from "./oauth/tokenSet";
import { TokenSource } from "./oauth/tokenSource";
import type { StorageStep } from "./oauth/tokenStorage";
import { RestPlatform } from "./restPlatform";

export interface PlatformConnectionOptions {
  /** Its origin as `platformOrigin` returns it. */
  readonly account: Account;
  readonly secrets: SecretStore;
  readonly lock: MachineLock;
  readonly spent: SpentTokens;
  readonly share: TokenShare;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Stands before everything that is sent. */
  readonly redactor: TextRedactor;
  /** Told of each token set as it comes, before it is used. */
  readonly onTokens: (tokens: TokenSet) => void;
  /** Runs the sign-in for this account: `SignInFlow.signIn` with the settings of the moment. */
  readonly signIn: (account: Account, signal: AbortSignal) => Promise<void>;
  /** Told once per outage of the editor's secret storage. */
  readonly onStorageTrouble: (step: StorageStep) => void;
}

/** Everything that belongs to one account on one platform. One per account and window; dispose it to end its loop. */
export class PlatformConnection implements Connection, Disposable {
  readonly origin: string;
  readonly clientId: string;
  readonly platform: Platform;
  readonly authentication: Authentication;
  /** For the heartbeat. */
  readonly tokens: TokenSource;
  /** For SignInFlow's `partsOf`. */
  readonly signInParts: SignInParts;
  /** How the last calls of this window ended. */
  readonly calls: CallBook;
  #tokenFacts: TokenFacts | undefined;
  readonly #changes = new Emitter<void>();

  constructor(options: PlatformConnectionOptions) {
    const { account, clock, random, log } = options;
    const endpoint = new TokenEndpoint({ account, clock });
    const onTokens = (set: TokenSet): void => {
      this.#tokenFacts = tokenFacts(set);
      options.onTokens(set);
    };
    const tokens = new TokenSource({ ...options, endpoint, onTokens });
    const http = new HttpClient({ origin: account.origin, tokens, clock, random, log });
    this.origin = account.origin;
    this.clientId = account.clientId;
    this.tokens = tokens;
    this.signInParts = { endpoint, tokens };
    this.calls = http.calls;
    this.platform = redactedPlatform(new RestPlatform(http, log), options.redactor);
    tokens.onDidChangeSignIn(() => this.#changes.fire());
    this.authentication = {
      onDidChange: this.#changes.event,
      isSignedIn: () => tokens.isSignedIn(),
      signIn: (signal) => options.signIn(account, signal),
      signOut: () => tokens.signOut(),
    };
  }

  /** What is known of the tokens, without them; undefined where nobody is signed in. */
  async tokenFacts(): Promise<TokenFacts | undefined> {
    return (await this.tokens.isSignedIn()) ? this.#tokenFacts : undefined;
  }

  /** Begins to renew tokens ahead of expiry. No network call before this or the first call. */
  start(): void {
    this.tokens.start();
  }

  dispose(): void {
    this.tokens.dispose();
    this.#changes.dispose();
  }
}
