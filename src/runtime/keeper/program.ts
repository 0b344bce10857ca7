import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { systemClock } from "../../base/clock";
import { endFamily, sweep, type Ending, type Graces } from "./endFamily";
import { Family } from "./family";
import { startTimeOfChild } from "./processTable";
import { isAlive, signalQuietly } from "./signals";
import { descriptors, lineOf, parseToKeeper, WireReader, type FromKeeper, type ToKeeper } from "./wire";

type Launch = Extract<ToKeeper, { kind: "launch" }>;

type Tool = Pick<Ending, "root" | "family"> & { readonly exited: Promise<string> };

/** Nobody is there any more to wait for the tool's good manners, and all must be gone within a second. */
const orphanGraces: Graces = { afterEndOfInputMs: 0, afterTermMs: 200, sweepMs: 1000 };
/** How long is gone after what could not be killed at once, milliseconds. */
const lastSweepMs = 600_000;
const notePauseMs = 250;

/**
 * Stands between the extension host and a coding tool, in a session of its own: starts the tool, whose pipes it passes
 * through without touching them, and ends it with all its descendants when the host says so, or when the control pipe
 * shows that the host is gone, whatever ended it.
 */
class Keeper {
  readonly #control: Socket;
  readonly #hurry = new AbortController();
  readonly #over = new AbortController();
  #tool: Tool | undefined;
  #ending: Promise<number> | undefined;
  #orphaned = false;

  constructor(control: Socket) {
    this.#control = control;
  }

  run(): void {
    const reader = new WireReader(parseToKeeper, (message) => this.#heard(message));
    this.#control.on("data", (chunk: Uint8Array) => reader.push(chunk));
    this.#control.on("error", () => this.orphan());
    this.#control.on("close", () => this.orphan());
    this.#control.on("end", () => this.orphan());
  }

  /** The host is gone, or somebody wants this process to end: ends everything, then this process. */
  orphan(): void {
    if (this.#orphaned) return;
    this.#orphaned = true;
    const tool = this.#tool;
    if (tool === undefined) process.exit(0);
    // An ending that is under way loses its politeness.
    this.#hurry.abort(new Error("the host is gone"));
    this.#ending ??= this.#end(orphanGraces, new AbortController().signal);
    void this.#ending
      .then((left) => (left === 0 ? 0 : sweep(tool.family, lastSweepMs, systemClock)))
      .catch(() => undefined)
      .then(() => process.exit(0));
  }

  /** For a mistake of ours: the least that must happen, at once. */
  panic(): void {
    const root = this.#tool?.root;
    // Only while the number still means the tool: it may have ended long ago.
    if (root !== undefined && isAlive(root)) signalQuietly(-root.pid, "SIGKILL");
    this.orphan();
  }

  #heard(message: ToKeeper): void {
    if (message.kind === "launch") this.#launch(message);
    else if (message.kind === "hurry") this.#hurry.abort(new Error("the host is in a hurry"));
    else {
      const ending = (this.#ending ??= this.#end(message.graces, this.#hurry.signal));
      void ending.then((left) => this.#sayLast({ kind: "gone", left }));
    }
  }

  #launch(launch: Launch): void {
    const [program = "", ...args] = launch.command;
    const { toolInput, toolOutput, toolErrors } = descriptors;
    const pipes = [toolInput, toolOutput, toolErrors];
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        cwd: launch.workingDirectory,
        env: launch.environment,
        // On Windows a tool that is not detached ends with this process, however that ends.
        detached: process.platform !== "win32",
        stdio: pipes,
        windowsHide: true,
      });
    } catch (error) {
      this.#sayLast({ kind: "refused", code: codeOf(error) });
      return;
    }
    // From here on the tool alone holds them, so that the host sees their end, and the tool the end of its input.
    for (const one of pipes) closeSync(one);
    child.on("error", (error) => {
      if (child.pid === undefined) this.#sayLast({ kind: "refused", code: codeOf(error) });
    });
    if (child.pid !== undefined) void this.#keep(child, child.pid, launch.marker);
  }

  async #keep(child: ChildProcess, pid: number, marker: string): Promise<void> {
    const family = new Family(marker);
    const exited = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => {
        // Orphans of the tool are found by its session, as long as nobody else can have its number.
        family.noteNow();
        resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
      });
    });
    const root = { pid, startedAt: "" };
    this.#tool = { root, family, exited };
    root.startedAt = await startTimeOfChild(pid);
    family.addFirst(root);
    this.#say({ kind: "started", ...root });
    void this.#noteOn(family);
    this.#say({ kind: "exited", how: await exited });
  }

  /** Notes now and then who is in the tree, for the orphans that a killed tool leaves. Takes a hundredth of one processor at most. */
  async #noteOn(family: Family): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const startedAt = systemClock.monotonic();
      await family.note().catch(() => undefined);
      const tookMs = systemClock.monotonic() - startedAt;
      await systemClock.sleep(Math.max(notePauseMs, 100 * tookMs), signal).catch(() => undefined);
    }
  }

  async #end(graces: Graces, hurry: AbortSignal): Promise<number> {
    this.#over.abort(new Error("the tool is ended"));
    if (this.#tool === undefined) return 0;
    const onNoted = (): void => this.#say({ kind: "noted" });
    const left = await endFamily({ ...this.#tool, graces, clock: systemClock, hurry, onNoted });
    // The tool's own end is told first, in its own words.
    if (left === 0) await this.#tool.exited;
    return left;
  }

  #say(message: FromKeeper): void {
    if (this.#control.writable) this.#control.write(lineOf(message));
  }

  #sayLast(message: FromKeeper): void {
    if (this.#orphaned) return;
    this.#control.end(lineOf(message), () => process.exit(0));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

const keeper = new Keeper(new Socket({ fd: descriptors.control, readable: true, writable: true }));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => keeper.orphan());
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.message}\n`);
  keeper.panic();
});
keeper.run();
