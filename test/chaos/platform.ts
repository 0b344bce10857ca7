// The platform of a run, which may be killed and started again, and the model beside it, which lives on: in real life they are two.
import { join } from "node:path";
import {
  startSandbox,
  waitUntil,
  writeCodexHome,
  type EditorUnderTest,
  type Sandbox,
  type SandboxRequest,
  type SandboxState,
} from "../host/harness/harness.mjs";
import type { ThreadSeen } from "../../src/sandbox/model/threadBook";

/** Each step names its turn, so that every line of a report tells which one it is of. */
const turn = [
  { type: "message", text: "Begins {{turn}}." },
  { type: "command", cmd: "echo first {{turn}}; sleep 1" },
  { type: "command", cmd: "(setsid sleep 40 >/dev/null 2>&1 &); echo second {{turn}}" },
  { type: "message", text: "Is half way through {{turn}}." },
  { type: "command", cmd: "echo third {{turn}}; sleep 1" },
  { type: "file", path: "{{file}}", content: "A note of {{turn}}.\n" },
  { type: "command", cmd: "cat {{file}}; echo fourth {{turn}}" },
  { type: "final", text: "Ends {{turn}}." },
];

/** What a report of one whole turn says, once each. */
export const linesOf = (mark: string): readonly string[] => [
  `Begins ${mark}.`,
  `echo first ${mark}`,
  `echo second ${mark}`,
  `Is half way through ${mark}.`,
  `echo third ${mark}`,
  `echo fourth ${mark}`,
  `Ends ${mark}.`,
];

export class Platform {
  #sandbox: Sandbox;
  readonly #model: Sandbox;

  private constructor(sandbox: Sandbox, model: Sandbox) {
    this.#sandbox = sandbox;
    this.#model = model;
  }

  /** The editor's own platform, and a model beside it that takes `paceMs` for each step. */
  static async start(editor: EditorUnderTest, paceMs: number): Promise<Platform> {
    const { env, folders } = editor.world;
    const model = await startSandbox({
      dataDir: join(folders.work, "model"),
      env,
      args: ["--model-pace-ms", String(paceMs)],
    });
    await model.dashboard("POST", "model", { turns: [turn] });
    await writeCodexHome(join(folders.home, ".codex"), model.modelBaseUrl);
    return new Platform(editor.world.sandbox, model);
  }

  get port(): number {
    return Number(new URL(this.#sandbox.baseUrl).port);
  }

  get pid(): number {
    return this.#sandbox.pid;
  }

  /** For the waits of the host tests. */
  get sandbox(): Sandbox {
    return this.#sandbox;
  }

  async killAndRestart(): Promise<void> {
    const { port, pid } = this;
    process.kill(-pid, "SIGKILL");
    await waitUntil("the platform is dead", () => !isAlive(pid), 5000, 5);
    this.#sandbox = await this.#sandbox.again();
    if (this.port !== port) throw new Error(`the platform came back on port ${this.port}, not on ${port}`);
  }

  state(): Promise<SandboxState> {
    return this.#sandbox.state();
  }

  async queue(title: string): Promise<string> {
    const { session } = await this.#sandbox.queue({ title, prompt: `Please do this: ${title}.` });
    return session.sessionId;
  }

  /** What reached the platform since it was last started. */
  async requests(): Promise<readonly SandboxRequest[]> {
    const answer = await this.#sandbox.dashboard("GET", "requests");
    return (answer as { requests: SandboxRequest[] }).requests;
  }

  async threads(): Promise<readonly ThreadSeen[]> {
    const answer = await this.#model.dashboard("GET", "model");
    return (answer as { threads: ThreadSeen[] }).threads;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sandbox.stop(), this.#model.stop()]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
