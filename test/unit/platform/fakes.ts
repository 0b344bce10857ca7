import type { MachineLock } from "../../../src/core/ports/machineLock";
import type { SecretStore } from "../../../src/core/ports/secrets";
import type { SpentTokens } from "../../../src/core/ports/spentTokens";
import type { TokenShare, TokenShareHandler } from "../../../src/core/ports/tokenShare";
import type { TokenEndpoint } from "../../../src/platform/oauth/tokenEndpoint";
import { tokenHash, type TokenSet } from "../../../src/platform/oauth/tokenSet";

/** One machine, as its windows share it. */
export class FakeTokenMachine {
  readonly spentHashes = new Set<string>();
  readonly held = new Set<string>();
  readonly handlers = new Map<string, TokenShareHandler>();
  readonly requests: string[] = [];
  readonly answers: string[] = [];
  /** What somebody in the middle makes of a text. */
  change = (text: string): string => text;

  lock(): MachineLock {
    return {
      tryHold: (name) => {
        if (this.held.has(name)) return Promise.resolve(undefined);
        this.held.add(name);
        return Promise.resolve({ dispose: () => this.held.delete(name) });
      },
    };
  }

  readonly spent: SpentTokens = {
    has: (hash) => Promise.resolve(this.spentHashes.has(hash)),
    add: (hash) => {
      this.spentHashes.add(hash);
      return Promise.resolve();
    },
  };

  share(): TokenShare {
    return {
      serve: (name, handler) => {
        if (this.handlers.has(name)) return Promise.reject(new Error("served by another process"));
        this.handlers.set(name, handler);
        return Promise.resolve({ dispose: () => this.handlers.delete(name) });
      },
      ask: async (name, request, signal) => {
        this.requests.push(request);
        const answer = await this.handlers.get(name)?.(this.change(request), signal);
        if (answer !== undefined) this.answers.push(answer);
        return answer === undefined ? undefined : this.change(answer);
      },
    };
  }
}

/** A secret store; `silent` never answers, as the editor of a closed window; `failure`, as with a keyring that is locked. */
export class FakeSecrets implements SecretStore {
  readonly values = new Map<string, string>();
  silent = false;
  failure: Error | undefined;

  get(key: string): Promise<string | undefined> {
    return this.#answer(() => this.values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    return this.#answer(() => void this.values.set(key, value));
  }

  delete(key: string): Promise<void> {
    return this.#answer(() => void this.values.delete(key));
  }

  #answer<T>(work: () => T): Promise<T> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.silent ? new Promise<T>(() => undefined) : Promise.resolve(work());
  }
}

/** A platform that rotates refresh tokens and ends a sign-in whose refresh token comes twice. */
export class FakeTokenPlatform implements Pick<TokenEndpoint, "refresh" | "isReachable"> {
  readonly sent: string[] = [];
  /** Hashes that stood on the disk when the token arrived. */
  readonly notedBefore: boolean[] = [];
  reachable = true;
  /** Thrown instead of an answer, after the token was taken. */
  failure: Error | undefined;
  readonly #now: () => number;
  readonly #isNoted: (hash: string) => boolean;
  #count = 0;

  constructor(now: () => number, isNoted: (hash: string) => boolean) {
    this.#now = now;
    this.#isNoted = isNoted;
  }

  issue(lifetimeMs = 3_600_000): TokenSet {
    this.#count += 1;
    return {
      accessToken: `access-${this.#count}`,
      refreshToken: `refresh-${this.#count}`,
      expiresAt: this.#now() + lifetimeMs,
      lifetimeMs,
    };
  }

  refresh(refreshToken: string): Promise<TokenSet> {
    this.notedBefore.push(this.#isNoted(tokenHash(refreshToken)));
    this.sent.push(refreshToken);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.issue());
  }

  isReachable(): Promise<boolean> {
    return Promise.resolve(this.reachable);
  }
}
