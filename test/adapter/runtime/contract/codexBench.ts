import { join } from "node:path";
import { systemClock } from "../../../../src/base/clock";
import { silentLog } from "../../../../src/base/log";
import { systemRandom } from "../../../../src/base/random";
import type { Runtime } from "../../../../src/core/ports/runtime";
import { AcpRuntime } from "../../../../src/runtime/acp/acpRuntime";
import { Confinement } from "../../../../src/runtime/confine/confinement";
import { acpPrograms } from "../../../fakes/acpPrograms";
import { pathWithBubblewrap } from "../../../fakes/bubblewrap";
import { codexBinary } from "../../../fakes/codexBinary";
import {
  call,
  exec,
  items,
  patch,
  plan,
  reason,
  say,
  type ModelItem,
  type ModelStep,
} from "../../../fakes/fakeModel";
import { keeperProgram } from "../../../fakes/keeperProgram";
import { CodexLab } from "../codexLab";
import type { Bench, Move, OpenBench } from "./bench";

const modules = join(import.meta.dirname, "../../../host/node_modules");
/** The program of the real codex-acp. */
export const codexAcpProgram = join(modules, "@agentclientprotocol/codex-acp/dist/index.js");

/** The model's part of a move. */
function itemOf(move: Move, toolOf: (message: string) => ModelItem): ModelItem {
  switch (move.do) {
    case "say":
      return say(move.text);
    case "plan":
      return plan(
        "",
        move.steps.map((step, at) => [step, at === 0 ? "in_progress" : "pending"]),
      );
    case "shell":
      return exec(move.script);
    case "ask":
      return exec(move.script, { sandbox_permissions: "require_escalated", justification: "May I?" });
    case "add":
      return patch(`*** Begin Patch\n*** Add File: ${move.file}\n+${move.text}\n*** End Patch\n`);
    case "progress":
      return toolOf(move.message);
    case "hang":
      return reason("Thinking.");
  }
}

/** Every move is one answer of the model; a turn ends with what it says. */
function stepsOf(
  turns: readonly (readonly Move[])[],
  toolOf: (message: string) => ModelItem,
): readonly ModelStep[] {
  return turns.flatMap((moves) =>
    moves.map((move): ModelStep => (move.do === "hang" ? { kind: "hang" } : items(itemOf(move, toolOf)))),
  );
}

function benchOf(lab: CodexLab, runtime: Runtime, provider: string, command: readonly string[]): Bench {
  const [secret = ""] = lab.plantSecrets();
  const environmentNames = provider === "codex" ? [] : ["CODEX_PATH", "NO_BROWSER"];
  return {
    ...{ project: lab.project, outside: lab.outside, secret, events: lab.events },
    run: (changes = {}, signal = new AbortController().signal) =>
      runtime.run(
        lab.request({ provider, command, environmentNames, ...changes }),
        (event) => lab.events.push(event),
        signal,
      ),
    told: () => {
      const of = (wanted: string): readonly string[] =>
        lab.model.messages().flatMap(({ role, text }) => (role === wanted ? [text] : []));
      return { trusted: of("developer"), untrusted: of("user") };
    },
    survivors: () => lab.survivors(),
    close: () => lab.close(),
  };
}

export const openCodex: OpenBench = async (...turns) => {
  const progress = (message: string): ModelItem => call("report_progress", { message });
  const lab = await CodexLab.open(...stepsOf(turns, progress));
  return benchOf(lab, lab.runtime(), "codex", [codexBinary(), "app-server"]);
};

export const openCodexAcp: OpenBench = (...turns) => openedAcp(true, turns);

/** The same on a machine that has no sandbox of the system's. */
export const openBareCodexAcp: OpenBench = (...turns) => openedAcp(false, turns);

async function openedAcp(confines: boolean, turns: readonly (readonly Move[])[]): Promise<Bench> {
  const progress = (message: string): ModelItem => ({
    ...call("report_progress", { message }),
    namespace: "mcp__one_horizon",
  });
  const lab = await CodexLab.open(...stepsOf(turns, progress));
  // It asks its model for a title beside the turn.
  lab.model.aside("generate a very short title", items(say('{"title":"A title"}')));
  const { toolPipe } = acpPrograms();
  const options = {
    ...{ clock: systemClock, random: systemRandom, log: silentLog, redactor: lab.redactor },
    environment: { ...lab.environment, CODEX_PATH: codexBinary(), NO_BROWSER: "1" },
    keeper: keeperProgram(),
  };
  const { privateFolders } = lab;
  const environment = { ...options.environment, PATH: pathWithBubblewrap };
  const confinement = new Confinement({ ...options, environment, privateFolders, ownPrograms: [toolPipe] });
  const scratchFolder = join(lab.root, "tmp");
  const runtime = new AcpRuntime({
    ...options,
    clientVersion: "0.0.0",
    scratchFolder,
    toolPipe,
    ...(confines && { confinement }),
  });
  return benchOf(lab, runtime, "codex-acp", [process.execPath, codexAcpProgram]);
}
