import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { systemClock } from "../../../../src/base/clock";
import { silentLog } from "../../../../src/base/log";
import { systemRandom } from "../../../../src/base/random";
import { AcpRuntime } from "../../../../src/runtime/acp/acpRuntime";
import { Confinement } from "../../../../src/runtime/confine/confinement";
import { acpPrograms } from "../../../fakes/acpPrograms";
import { pathWithBubblewrap } from "../../../fakes/bubblewrap";
import type { AcpStep } from "../../../fakes/acpScenario";
import { keeperProgram } from "../../../fakes/keeperProgram";
import { AcpLab } from "../acpLab";
import type { Bench, Move, OpenBench } from "./bench";

const blocks = z.object({ prompt: z.array(z.object({ text: z.string() })) });

function stepOf(move: Move, at: number): AcpStep {
  const toolCallId = `call-${at}`;
  switch (move.do) {
    case "say":
      return { do: "say", text: move.text, messageId: `message-${at}` };
    case "plan": {
      const entries = move.steps.map((content, place) => ({
        ...{ content, priority: "medium", status: place === 0 ? "in_progress" : "pending" },
      }));
      return { do: "update", update: { sessionUpdate: "plan", entries } };
    }
    case "shell":
      return { do: "shell", script: move.script, toolCallId };
    case "ask": {
      const rawInput = { command: move.script };
      const options = [
        { optionId: "yes", name: "Yes", kind: "allow_once" },
        { optionId: "no", name: "No", kind: "reject_once" },
      ];
      const toolCall = { toolCallId, title: move.script, kind: "execute", rawInput };
      return { do: "request", method: "session/request_permission", params: { toolCall, options } };
    }
    case "add":
      return {
        do: "update",
        update: {
          ...{ sessionUpdate: "tool_call", toolCallId, title: "Write", kind: "edit", status: "completed" },
          content: [{ type: "diff", path: `$CWD/${move.file}`, oldText: null, newText: move.text }],
        },
      };
    case "progress":
      return { do: "tool", name: "report_progress", arguments: { message: move.message } };
    case "hang":
      return { do: "hang" };
  }
}

const usage = { totalTokens: 1050, inputTokens: 1000, outputTokens: 50 };

/** The scripted agent, which does by itself whatever it wants: nothing but our sandbox holds it. */
export const openAgent: OpenBench = (...turns) => opened(true, turns);

/** The same on a machine that has no such sandbox. */
export const openBareAgent: OpenBench = (...turns) => opened(false, turns);

async function opened(confines: boolean, turns: readonly (readonly Move[])[]): Promise<Bench> {
  const lab = new AcpLab();
  const state = join(lab.root, "state");
  const secret = join(state, "windows.key");
  mkdirSync(state);
  writeFileSync(secret, "worker-secret");
  // The agent writes down what it hears where it may.
  const log = join(lab.artifacts, "agent.log");
  const { toolPipe } = acpPrograms();
  const options = {
    ...{ clock: systemClock, random: systemRandom, log: silentLog, redactor: lab.redactor },
    environment: { PATH: pathWithBubblewrap, HOME: lab.root, LC_LAB: lab.mark },
    keeper: keeperProgram(),
  };
  const confinement = new Confinement({ ...options, privateFolders: [state], ownPrograms: [toolPipe] });
  const scratchFolder = join(lab.root, "tmp");
  const runtime = new AcpRuntime({
    ...options,
    clientVersion: "0.0.0",
    scratchFolder,
    toolPipe,
    ...(confines && { confinement }),
  });
  let turn = 0;
  let place = 0;
  const bench = {
    ...{ project: lab.project, outside: lab.outside, secret, events: lab.events },
    run: async (
      changes: Parameters<typeof lab.request>[0] = {},
      signal: AbortSignal = new AbortController().signal,
    ) => {
      const steps = (turns[turn++] ?? []).map((move) => stepOf(move, (place += 1)));
      const prompts = [[...steps, { do: "stop" as const, reason: "end_turn", usage }]];
      const command = lab.command({ log, prompts });
      return await runtime.run(lab.request({ command, ...changes }), (one) => lab.events.push(one), signal);
    },
    told: () => {
      const sent = lab.notedIn(log).findLast((one) => one["method"] === "session/prompt")?.["params"];
      const [first, ...rest] = blocks.parse(sent).prompt.map(({ text }) => text);
      return { trusted: [first ?? ""], untrusted: rest };
    },
    survivors: () => lab.survivors(),
    close: () => lab.close(),
  };
  return await Promise.resolve(bench);
}
