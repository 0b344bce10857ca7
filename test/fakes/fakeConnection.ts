import type { Clock } from "../../src/base/clock";
import { Emitter } from "../../src/base/emitter";
import type { Authentication, Connection, Questions } from "../../src/core/ports/connection";
import type { Agent, Workspace } from "../../src/core/ports/platform";
import { untilAborted } from "../../src/base/background";
import { FakeAccountPlatform } from "./fakeAccountPlatform";

/** Signing in to a fake platform; the tokens are one flag. */
export class FakeAuthentication implements Authentication {
  readonly #changes = new Emitter<void>();
  readonly onDidChange = this.#changes.event;
  failure: Error | undefined;
  /** Awaited while the browser is open. */
  gate: Promise<void> = Promise.resolve();
  readonly #platform: FakeAccountPlatform;
  /** Told just before the tokens are forgotten. */
  onForget: () => void = () => undefined;

  constructor(platform: FakeAccountPlatform) {
    this.#platform = platform;
  }

  async isSignedIn(): Promise<boolean> {
    return await Promise.resolve(this.#platform.signedIn);
  }

  async signIn(signal: AbortSignal): Promise<void> {
    await untilAborted(this.gate, signal);
    if (this.failure !== undefined) throw this.failure;
    this.set(true);
  }

  async signOut(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.onForget();
    this.set(false);
  }

  /** As if somebody else, or another window, had done it. */
  set(signedIn: boolean): void {
    this.#platform.signedIn = signedIn;
    this.#changes.fire();
  }
}

export class FakeConnection implements Connection {
  readonly origin: string;
  readonly clientId: string;
  readonly platform: FakeAccountPlatform;
  readonly authentication: FakeAuthentication;

  constructor(origin: string, clock: Clock, clientId = "client-1") {
    this.origin = origin;
    this.clientId = clientId;
    this.platform = new FakeAccountPlatform(clock);
    this.authentication = new FakeAuthentication(this.platform);
  }
}

/** A person who picks by index, or turns away; every question is noted. */
export class FakeQuestions implements Questions {
  readonly asked: (readonly string[])[] = [];
  /** Undefined: the question is dismissed. */
  pick: number | undefined = 0;
  gate: Promise<void> = Promise.resolve();

  async pickWorkspace(workspaces: readonly Workspace[]): Promise<Workspace | undefined> {
    return await this.#ask(
      workspaces,
      workspaces.map((one) => one.name),
    );
  }

  async pickAgent(agents: readonly Agent[]): Promise<Agent | undefined> {
    return await this.#ask(
      agents,
      agents.map((one) => one.name),
    );
  }

  async #ask<T>(choices: readonly T[], names: readonly string[]): Promise<T | undefined> {
    this.asked.push(names);
    await this.gate;
    return this.pick === undefined ? undefined : choices[this.pick];
  }
}
