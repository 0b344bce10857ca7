// Two clones of one origin in two windows, each with a worker of its own, and the workflow run that both of them carry out.
import { join } from "node:path";
import { hostsOf, processesOf } from "../../chaos/processTable";
import { waitUntil, type EditorUnderTest, type SandboxState, type Workbench } from "../harness/harness.mjs";
import { signIn, untilWorker } from "./kit";

/** One window with its worker. */
export interface Member {
  readonly workerId: string;
  /** The main checkout. */
  readonly folder: string;
  readonly window: Workbench;
  /** Process id of the window's extension host. */
  host: number;
}

export type Run = SandboxState["runs"][number];

export const runBranch = "feature/note";

/** Plans and codes in the one window, reviews in the other. */
export class TwoWorkers {
  readonly coder: Member;
  readonly reviewer: Member;
  readonly #editor: EditorUnderTest;

  private constructor(editor: EditorUnderTest, coder: Member, reviewer: Member) {
    this.#editor = editor;
    this.coder = coder;
    this.reviewer = reviewer;
  }

  /** @param editor one that nobody has used yet */
  static async open(editor: EditorUnderTest): Promise<TwoWorkers> {
    const { folders, repository, sandbox } = editor.world;
    const folder = join(folders.work, "second clone");
    await editor.git("clone", "-q", repository.origin, folder);
    // What a push changed there is counted.
    await editor.git("-C", repository.origin, "config", "core.logAllRefUpdates", "always");
    const hosts = (): readonly number[] => hostsOf(processesOf(folders.home)).map((one) => one.pid);
    const newHost = (before: readonly number[]): Promise<number> =>
      waitUntil("the window has an extension host", () => hosts().find((pid) => !before.includes(pid)));
    const coder = await signIn(editor);
    const [host = 0] = hosts();
    const window = await editor.openWindow(folder);
    await window.openContainer("One Horizon");
    const first = { workerId: coder.workerId, folder: repository.folder, window: editor.window, host };
    const second = await newHost([host]);
    await window.runCommandId("oneHorizon.worker.configure");
    const { workerId } = await untilWorker(
      sandbox,
      "of the second window is online",
      (one) => one.workerId !== coder.workerId && one.status === "online" && one.beats > 0,
    );
    return new TwoWorkers(editor, first, { workerId, folder, window, host: second });
  }

  /** Starts plan → code → review, whose first review asks for changes with the scripted model. Gives the run's id. */
  async startRun(title: string, branch = runBranch): Promise<string> {
    const { sandbox } = this.#editor.world;
    const by = (mode: string, { workerId }: Member): object => ({ mode, targetWorkerId: workerId });
    const template = [by("plan", this.coder), by("code", this.coder), by("review", this.reviewer)];
    await sandbox.dashboard("POST", "runs", { title, prompt: "Please add a note.", branch, template });
    const run = (await sandbox.state()).runs.findLast((one) => one.title === title);
    if (run === undefined) throw new Error("the platform has not started the run");
    return run.runId;
  }

  /** Waits until nothing moves the run any more. */
  async untilEnded(runId: string): Promise<Run> {
    const { sandbox } = this.#editor.world;
    let last: Run | undefined;
    const probe = async (): Promise<Run | undefined> => {
      last = (await sandbox.state()).runs.find((one) => one.runId === runId);
      return last?.status === "running" ? undefined : last;
    };
    return waitUntil("the run has ended", probe, 180_000, 100).catch((error: unknown) => {
      throw new Error(`${String(error)}; seen: ${JSON.stringify(last, undefined, 1)}`, { cause: error });
    });
  }

  /** SIGKILL, and what a person does then: the window is loaded anew, since the editor gives up a host that ends often. */
  async killHostOf(
    member: Member,
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    const { home } = this.#editor.world.folders;
    const hosts = (): readonly number[] => hostsOf(processesOf(home)).map((one) => one.pid);
    process.kill(member.host, "SIGKILL");
    await meanwhile();
    await waitUntil("the host is dead", () => !hosts().includes(member.host));
    const before = hosts();
    await member.window.reload();
    member.host = await waitUntil("the window has another host", () =>
      hosts().findLast((pid) => !before.includes(pid)),
    );
    await member.window.openContainer("One Horizon");
  }

  /** All that must not move in the two main checkouts. */
  async checkouts(): Promise<readonly Record<string, string>[]> {
    const git = (...args: string[]): Promise<string> => this.#editor.git(...args);
    const look = async ({ folder }: Member): Promise<Record<string, string>> => ({
      branch: await git("-C", folder, "symbolic-ref", "HEAD"),
      head: await git("-C", folder, "rev-parse", "HEAD"),
      index: await git("-C", folder, "ls-files", "--stage"),
      status: await git("-C", folder, "status", "--porcelain", "--untracked-files=all", "--ignored"),
    });
    return [await look(this.coder), await look(this.reviewer)];
  }

  /** Branches, or `detached`, of the worktrees beside the main checkout. */
  async worktreesOf({ folder }: Member): Promise<readonly string[]> {
    const listed = await this.#editor.git("-C", folder, "worktree", "list", "--porcelain");
    return listed
      .split("\n\n")
      .slice(1)
      .map((one) => /^branch refs\/heads\/(.+)$/m.exec(one)?.[1] ?? "detached");
  }

  /** What the origin has on a branch beyond `main`, and how often a push changed it. */
  async pushed(branch = runBranch): Promise<{ readonly commits: readonly string[]; readonly times: number }> {
    const git = (...args: string[]): Promise<string> =>
      this.#editor.git("-C", this.#editor.world.repository.origin, ...args);
    const lines = (text: string): readonly string[] => text.split("\n").filter((one) => one !== "");
    return {
      commits: lines(await git("log", "--format=%s", `main..${branch}`)),
      times: lines(await git("reflog", "show", "--format=%H", branch)).length,
    };
  }
}
