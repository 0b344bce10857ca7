import { abortReason, type Clock } from "../../src/base/clock";
import { PlatformError } from "../../src/core/platformError";
import type {
  Activity,
  Agent,
  AgentPath,
  DelegatedWork,
  ListedWorker,
  NewDocument,
  Platform,
  SessionMetadata,
  UploadedFile,
  User,
  WorkerPath,
  WorkerRecord,
  Workspace,
} from "../../src/core/ports/platform";
import type { Claim, Session } from "../../src/core/session";
import type { Dice } from "./dice";
import { cutOff, errorOf, neverSent, tooLate } from "./errors";
import { never, type Life } from "./life";
import { simIdentity, type SimPlatform } from "./simPlatform";
import type { Timeline } from "./timeline";
import type { Weather } from "./weather";

export interface Call {
  readonly operation: string;
  readonly sessionId?: string | undefined;
  readonly claimId?: string | undefined;
  readonly sequence?: number | undefined;
}

/** Told of everything that crosses the network. */
export interface LineWatch {
  /** @param again the client repeats what it sent before. */
  sent(life: Life, call: Call, again: boolean): void;
  acted(life: Life, call: Call, outcome: string): void;
  answered(life: Life, call: Call, answer: unknown, error: unknown): void;
}

export interface LineDeps {
  readonly timeline: Timeline;
  readonly platform: SimPlatform;
  readonly weather: Weather;
  readonly dice: Dice;
  readonly watch: LineWatch;
  readonly life: Life;
  readonly clock: Clock;
}

const deadlineMs = 15_000;
const tries = 4;
const longestWaitMs = 10_000;

/** A request that arrives twice is one for who knows it by its bytes: what a second child would be is not looked at here. */
function once<T>(act: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: act() }).value;
}

/** The platform as one process reaches it: with the deadlines and the bounded retries of the real client. */
export class Line implements Platform {
  readonly #deps: LineDeps;

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  getCurrentUser(signal: AbortSignal): Promise<User> {
    const { userId } = simIdentity;
    return this.#read({ operation: "me" }, signal, () => ({ userId, name: undefined }));
  }

  listWorkspaces(signal: AbortSignal): Promise<readonly Workspace[]> {
    const { workspaceId } = simIdentity;
    return this.#read({ operation: "workspaces" }, signal, () => [{ workspaceId, name: "Workspace" }]);
  }

  listAgents(_workspaceId: string, signal: AbortSignal): Promise<readonly Agent[]> {
    const { agentId } = simIdentity;
    const agent = { agentId, name: "Agent", executionModes: ["local"] };
    return this.#read({ operation: "agents" }, signal, () => [agent]);
  }

  registerWorker(_path: unknown, _facts: unknown, signal: AbortSignal): Promise<WorkerRecord> {
    return this.#read({ operation: "register" }, signal, () => this.#deps.platform.register());
  }

  getWorker(_path: WorkerPath, signal: AbortSignal): Promise<WorkerRecord> {
    return this.#read({ operation: "getWorker" }, signal, () => this.#deps.platform.worker());
  }

  listWorkers(): Promise<readonly ListedWorker[]> {
    return Promise.reject(new Error("nobody delegates by hand here"));
  }

  acknowledgeControlSignal(_path: WorkerPath, signalId: string, signal: AbortSignal): Promise<void> {
    return this.#read({ operation: "acknowledge" }, signal, () => this.#deps.platform.acknowledge(signalId));
  }

  pollSessions(_path: WorkerPath, signal: AbortSignal): Promise<readonly Session[]> {
    return this.#read({ operation: "poll" }, signal, () => this.#deps.platform.poll());
  }

  getSession(_path: WorkerPath, sessionId: string, signal: AbortSignal): Promise<Session> {
    return this.#read({ operation: "get", sessionId }, signal, () => this.#deps.platform.read(sessionId));
  }

  claimSession(
    _path: WorkerPath,
    sessionId: string,
    options: { readonly leaseSeconds: number; readonly claimId?: string },
    signal: AbortSignal,
  ): Promise<{ readonly claim: Claim; readonly session: Session }> {
    const { claimId } = options;
    const operation = claimId === undefined ? "claim" : "renew";
    const act = (): { readonly claim: Claim; readonly session: Session } =>
      this.#deps.platform.claim(sessionId, options);
    return this.#call({ operation, sessionId, claimId }, false, false, signal, act);
  }

  patchSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    metadata: SessionMetadata,
    signal: AbortSignal,
  ): Promise<void> {
    const call = { operation: "patch", sessionId, claimId };
    return this.#call(call, true, true, signal, () =>
      this.#deps.platform.patch(sessionId, claimId, metadata),
    );
  }

  createActivity(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    activity: Activity,
    signal: AbortSignal,
  ): Promise<"stored" | "known"> {
    const call = { operation: "activity", sessionId, claimId, sequence: activity.sequence };
    return this.#call(call, true, true, signal, () =>
      this.#deps.platform.activity(sessionId, claimId, activity) ? "stored" : "known",
    );
  }

  completeSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    summary: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const call = { operation: "complete", sessionId, claimId };
    return this.#call(call, false, false, signal, () =>
      this.#deps.platform.finish(sessionId, claimId, { kind: "complete", summary }),
    );
  }

  failSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    error: { readonly message: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<void> {
    const call = { operation: "fail", sessionId, claimId };
    return this.#call(call, false, false, signal, () =>
      this.#deps.platform.finish(sessionId, claimId, { kind: "fail", ...error }),
    );
  }

  releaseSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    const call = { operation: "release", sessionId, claimId };
    return this.#call(call, false, false, signal, () =>
      this.#deps.platform.finish(sessionId, claimId, { kind: "release", reason }),
    );
  }

  uploadFile(): Promise<UploadedFile> {
    return Promise.reject(new Error("no tool leaves a file here"));
  }

  createDocument(_workspaceId: string, document: NewDocument, signal: AbortSignal): Promise<void> {
    const act = once(() => this.#deps.platform.document(document));
    return this.#call({ operation: "document" }, false, true, signal, act);
  }

  createSession(_path: AgentPath, work: DelegatedWork, signal: AbortSignal): Promise<string> {
    const act = once(() => this.#deps.platform.delegate(work));
    return this.#call({ operation: "create" }, false, false, signal, act);
  }

  saveComment(): Promise<void> {
    return Promise.reject(new Error("no tool leaves a file here"));
  }

  /** One try of anything else, such as a beat, which has a cut-off of its own. */
  once<T>(call: Call, cutOffMs: number, act: () => T): Promise<T> {
    return this.#try(call, false, false, cutOffMs, new AbortController().signal, act);
  }

  #read<T>(call: Call, signal: AbortSignal, act: () => T): Promise<T> {
    return this.#call(call, true, false, signal, act);
  }

  async #call<T>(
    call: Call,
    idempotent: boolean,
    content: boolean,
    signal: AbortSignal,
    act: () => T,
  ): Promise<T> {
    signal.throwIfAborted();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#try(call, attempt > 0, content, deadlineMs, signal, act);
      } catch (error) {
        signal.throwIfAborted();
        const waitMs = attempt + 1 < tries ? this.#waitAfter(error, idempotent, attempt) : undefined;
        if (waitMs === undefined) throw error;
        await this.#deps.clock.sleep(waitMs, signal);
        signal.throwIfAborted();
      }
    }
  }

  #waitAfter(error: unknown, idempotent: boolean, attempt: number): number | undefined {
    if (!PlatformError.is(error, "server", "network", "timeout", "rateLimited")) return undefined;
    if (error.outcome === "unknown" && !idempotent) return undefined;
    const jitter = this.#deps.dice.between(0, Math.min(8000, 500 * 2 ** attempt));
    if (error.retryAfterMs === undefined) return jitter;
    return error.retryAfterMs > longestWaitMs ? undefined : error.retryAfterMs + Math.min(jitter, 1000);
  }

  #try<T>(
    call: Call,
    again: boolean,
    content: boolean,
    cutOffMs: number,
    signal: AbortSignal,
    act: () => T,
  ): Promise<T> {
    const { timeline, life, watch, weather, dice } = this.#deps;
    if (!life.step()) return never();
    watch.sent(life, call, again);
    const { operation, sessionId } = call;
    const fate = weather.fate(operation, content, sessionId !== undefined);
    return new Promise<T>((resolve, reject) => {
      life.pending += 1;
      let over = false;
      const end = (answer: () => void): void => {
        if (over) return;
        over = true;
        life.pending -= 1;
        signal.removeEventListener("abort", onAbort);
        timeout?.cancel();
        if (timeout !== undefined) life.timers.delete(timeout);
        if (life.step()) answer();
      };
      const fail = (error: unknown): void =>
        end(() => {
          watch.answered(life, call, undefined, error);
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      const onAbort = (): void => end(() => reject(abortReason(signal)));
      const slowest = Math.max(fate.cut?.at ?? 0, (fate.arrivesAt ?? 0) + fate.backMs);
      const timeout =
        slowest >= cutOffMs ? timeline.onMachine(life, cutOffMs, () => fail(tooLate(operation))) : undefined;
      signal.addEventListener("abort", onAbort, { once: true });
      const deliver = (afterMs: number, outcome: () => void): void => {
        timeline.after(afterMs, () => {
          if (over || life.over) return;
          const cut = timeline.asleep && dice.chance(0.5);
          timeline.whenAwake(() => (cut ? fail(cutOff(operation)) : outcome()));
        });
      };
      const { cut } = fate;
      if (cut !== undefined) deliver(cut.at, () => fail(cut.error));
      const arrive = (answers: boolean): void => {
        const result = this.#act(call, fate.refusal, act);
        if (!answers || cut !== undefined) return;
        deliver(fate.backMs, () => {
          const said = fate.saysInstead ?? result.error;
          if (said !== undefined) fail(errorOf(operation, said));
          else {
            end(() => {
              watch.answered(life, call, result.value, undefined);
              // Without an error there is a value, which for some calls is undefined.
              resolve(result.value as T);
            });
          }
        });
      };
      if (fate.arrivesAt === undefined) return;
      timeline.after(fate.arrivesAt, () => {
        if (this.#deps.platform.downUntil > timeline.now) {
          if (cut === undefined) {
            deliver(10, () => fail(dice.chance(0.5) ? neverSent(operation) : cutOff(operation)));
          }
        } else arrive(true);
      });
      if (fate.againAt !== undefined) {
        timeline.after(fate.againAt, () => {
          if (this.#deps.platform.downUntil <= timeline.now) arrive(false);
        });
      }
    });
  }

  #act<T>(
    call: Call,
    refusal: Error | undefined,
    act: () => T,
  ): { readonly value: T | undefined; readonly error: unknown } {
    const { watch, life } = this.#deps;
    try {
      if (refusal !== undefined) throw refusal;
      const value = act();
      watch.acted(life, call, "done");
      return { value, error: undefined };
    } catch (error) {
      watch.acted(life, call, error instanceof Error ? error.message : "failed");
      return { value: undefined, error };
    }
  }
}
