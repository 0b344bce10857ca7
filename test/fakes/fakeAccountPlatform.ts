import { untilAborted } from "../../src/base/background";
import type {
  Agent,
  AgentPath,
  Registration,
  User,
  WorkerPath,
  WorkerRecord,
  Workspace,
} from "../../src/core/ports/platform";
import type { Session } from "../../src/core/session";
import { us } from "./builders";
import { FakePlatform, type Fault } from "./fakePlatform";
import { refused } from "./platformErrors";

export type AccountOperation = "me" | "workspaces" | "agents" | "register";

/** The fake platform with accounts: who is signed in, workspaces, agents, registered workers. */
export class FakeAccountPlatform extends FakePlatform {
  user: User = { userId: us.userId, name: undefined };
  signedIn = true;
  workspaces: readonly Workspace[] = [{ workspaceId: us.workspaceId, name: "Workspace" }];
  agents: readonly Agent[] = [{ agentId: us.agentId, name: "Agent", executionModes: ["local"] }];
  /** Workers whose every call is refused. */
  readonly removed = new Set<string>();
  readonly registrations: { readonly path: AgentPath; readonly facts: Registration }[] = [];
  readonly asked: AccountOperation[] = [];
  /** Asked before each call about the account or a registration. */
  onAccount: (operation: AccountOperation) => Fault | undefined = () => undefined;
  /** Set: every registration is answered with this worker. */
  answerWith: string | undefined;
  readonly #workers = new Map<string, string>();
  #registered = 0;

  override getCurrentUser(signal?: AbortSignal): Promise<User> {
    return this.#account("me", signal, () => this.user);
  }

  override listWorkspaces(signal?: AbortSignal): Promise<readonly Workspace[]> {
    return this.#account("workspaces", signal, () => this.workspaces);
  }

  override listAgents(_workspaceId?: string, signal?: AbortSignal): Promise<readonly Agent[]> {
    return this.#account("agents", signal, () => this.agents);
  }

  override registerWorker(
    path?: AgentPath,
    facts?: Registration,
    signal?: AbortSignal,
  ): Promise<WorkerRecord> {
    return this.#account("register", signal, () => {
      if (path === undefined || facts === undefined) throw new Error("a registration without facts");
      this.registrations.push({ path, facts });
      const workerId = this.answerWith ?? this.#workerOf(path, facts.idempotencyKey);
      return {
        workerId,
        name: facts.name,
        ownerUserId: this.user.userId,
        status: "online",
        controlSignal: undefined,
      };
    });
  }

  override getWorker(path: WorkerPath, signal: AbortSignal): Promise<WorkerRecord> {
    return this.#guarded(path, () => super.getWorker(path, signal));
  }

  override pollSessions(path: WorkerPath, signal: AbortSignal): Promise<readonly Session[]> {
    return this.#guarded(path, () => super.pollSessions(path, signal));
  }

  async #guarded<T>(path: WorkerPath, call: () => Promise<T>): Promise<T> {
    if (!this.signedIn) throw refused("signedOut");
    if (this.removed.has(path.workerId)) throw refused("notFound");
    return await call();
  }

  async #account<T>(operation: AccountOperation, signal: AbortSignal | undefined, act: () => T): Promise<T> {
    signal?.throwIfAborted();
    this.asked.push(operation);
    const fault = this.onAccount(operation);
    const gate = fault?.gate ?? Promise.resolve();
    await (signal === undefined ? gate : untilAborted(gate, signal));
    if (!this.signedIn) throw refused("signedOut");
    if (fault?.error !== undefined) throw fault.error;
    return act();
  }

  /** The same worker for the same agent and key, unless it was removed. */
  #workerOf(path: AgentPath, key: string): string {
    const name = JSON.stringify([path.workspaceId, path.agentId, key]);
    const known = this.#workers.get(name);
    if (known !== undefined && !this.removed.has(known)) return known;
    this.#registered += 1;
    const made = `worker-${this.#registered}`;
    this.#workers.set(name, made);
    return made;
  }
}
