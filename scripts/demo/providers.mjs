// The coding tools that the demo can be played with: the real codex, the real codex-acp, and a scripted agent of the protocol.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../bootstrap.mjs";

const codexAcp = join(projectRoot, "test/host/node_modules/@agentclientprotocol/codex-acp/dist/index.js");

/** What the scripted agent does in each session. */
const scene = [
  {
    do: "update",
    update: {
      sessionUpdate: "plan",
      entries: [
        { content: "Write it down", priority: "medium", status: "in_progress" },
        { content: "Tell what was done", priority: "medium", status: "pending" },
      ],
    },
  },
  { do: "shell", script: "echo done > done-by-the-agent.txt && sleep 2", toolCallId: "call-1" },
  { do: "say", text: "It is written down.", messageId: "message-1" },
  { do: "stop", reason: "end_turn", usage: { totalTokens: 1050, inputTokens: 1000, outputTokens: 50 } },
];

/** @type {Record<string, (folder: string) => Promise<string[] | undefined>>} */
const commands = {
  codex: async () => undefined,
  "codex-acp": async () => [process.execPath, codexAcp],
  acp: async (folder) => {
    const { build } = await import("esbuild"); // on a fresh clone it is installed only now
    const program = join(folder, "scripted-agent.mjs");
    await build({
      entryPoints: [join(projectRoot, "test/fakes/acpAgent.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      logLevel: "silent",
    });
    const scenario = join(folder, "scripted-agent.json");
    await writeFile(scenario, JSON.stringify({ log: "/dev/null", prompts: [scene] }));
    return [process.execPath, program, scenario];
  },
};

export const demoProviders = Object.keys(commands);

/**
 * The lines of WORKFLOW.md that name a tool; empty for the default one.
 * @param {string} provider one of `demoProviders`
 * @param {string} folder for files that the tool needs
 */
export async function runtimeLines(provider, folder) {
  const command = await commands[provider](folder);
  return command === undefined
    ? ""
    : `runtime:\n  provider: ${provider}\n  command: ${JSON.stringify(command)}\n`;
}
