import { buildSync } from "esbuild";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodexLab } from "../adapter/runtime/codexLab";
import { codexBinary } from "../fakes/codexBinary";
import { exec, items } from "../fakes/fakeModel";
import { keeperProgram } from "../fakes/keeperProgram";
import { cheapTool, codexCommand, type Plan } from "./plan";
import { playRound, type Round, type RoundResult, type Victim } from "./round";

/** How long after all helpers run the kill comes at the latest, milliseconds. */
const latestMs = { tool: 100, codex: 300 } as const;

/** The bundles and folders that all rounds share. */
export class Stage {
  readonly #folder = mkdtempSync(join(tmpdir(), "kill-test-"));
  readonly #lab: CodexLab;
  /** How long it takes from the start until all helpers run on this machine just now, milliseconds. */
  readonly #readyMs = { tool: 350, codex: 1200 };
  readonly #hostBundle = join(this.#folder, "host.js");

  private constructor(lab: CodexLab) {
    this.#lab = lab;
    buildSync({
      entryPoints: [join(import.meta.dirname, "host.ts")],
      outfile: this.#hostBundle,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      logLevel: "silent",
    });
  }

  /** @param codexRounds how often the model may be asked at least. */
  static async open(codexRounds: number): Promise<Stage> {
    // The same for every run: a command that lasts. A run that is killed early may ask twice.
    const step = items(exec(codexCommand));
    return new Stage(await CodexLab.open(...Array.from({ length: 3 * codexRounds + 10 }, () => step)));
  }

  /** @param random evenly distributed in [0, 1). */
  round(kind: Plan["kind"], victim: Victim, random: () => number): Round {
    const what = random() < 0.5 ? "start" : "ready";
    return { plan: this.#plan(kind), victim, after: { what, ms: this.#delayMs(kind, what, random()) } };
  }

  async play(round: Round): Promise<RoundResult> {
    const result = await playRound(round, { hostBundle: this.#hostBundle, folder: this.#folder });
    if (result.readyMs !== undefined) this.#readyMs[round.plan.kind] = result.readyMs;
    return result;
  }

  async close(): Promise<void> {
    await this.#lab.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A kill that counts from the start falls into the time that the start takes, or a little behind it. */
  #delayMs(kind: Plan["kind"], what: Round["after"]["what"], share: number): number {
    return what === "ready" ? share * latestMs[kind] : (0.25 + share * 0.95) * this.#readyMs[kind];
  }

  #plan(kind: Plan["kind"]): Plan {
    const common = { marker: randomUUID(), keeper: keeperProgram() };
    if (kind === "tool") return { ...common, kind, command: [...cheapTool], folder: this.#folder };
    const { project, artifacts } = this.#lab;
    const environment = Object.fromEntries(
      Object.entries(this.#lab.environment).filter((one): one is [string, string] => one[1] !== undefined),
    );
    return { ...common, kind, command: [codexBinary(), "app-server"], environment, project, artifacts };
  }
}
