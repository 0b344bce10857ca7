// The scripted tool as another version of codex, in one way named by the first argument.
import { PassThrough, Writable } from "node:stream";
import { createInterface } from "node:readline";
import * as z from "zod/mini";
import { runScriptedTool } from "../../../../src/sandbox/scriptedTool/appServer";

interface Way {
  /** What `--version` prints; undefined for one that never answers. */
  readonly says: string | undefined;
  /** What the server calls itself. */
  readonly agent: string;
  /** Methods that this version does not know. */
  readonly lacks?: readonly string[];
  /** The words of a refusal, by method. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Another form of the answer, by method. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What it says of the sandbox command. */
  readonly sandboxFault?: string;
}

const named = (version: string): Way => ({
  says: `codex-cli ${version}`,
  agent: `one_horizon_worker/${version} (Debian 12.0.0; x86_64) xterm (one_horizon_worker; 0.0.0)`,
});
const newer = named("9.1.0");
const ways: Readonly<Record<string, Way>> = {
  old: named("0.20.0"),
  junk: { ...newer, says: "\u001b[31mwelcome\u001b[0m to the launcher" },
  mute: { ...newer, says: undefined },
  exchanged: { ...named("0.20.0"), says: "codex-cli 0.169.0" },
  nameless: { ...newer, agent: "somebody" },
  newer,
  preview: named("9.1.0-alpha.3"),
  fewer: {
    ...newer,
    lacks: ["account/read", "thread/turns/list", "thread/backgroundTerminals/clean", "turn/steer"],
  },
  noStart: { ...newer, lacks: ["thread/start"] },
  noTurn: { ...newer, lacks: ["turn/start"] },
  noTools: { ...newer, refuses: { "thread/start": "Invalid request: unknown field `dynamicTools`" } },
  guardedTools: {
    ...newer,
    refuses: { "thread/start": "thread/start.dynamicTools requires experimentalApi capability" },
  },
  otherResume: { ...newer, answers: { "thread/resume": { threads: [{ id: "a" }] } } },
  otherSandbox: { ...newer, sandboxFault: "error: unexpected argument '-c' found" },
};

const [name = "", ...args] = process.argv.slice(2);
const way = ways[name] ?? newer;
if (args[0] === "--version") {
  if (way.says === undefined) await new Promise((resolve) => setTimeout(resolve, 600_000));
  process.stdout.write(`${way.says ?? ""}\n`);
} else if (args[0] === "sandbox") {
  if (way.sandboxFault !== undefined) process.stderr.write(`${way.sandboxFault}\n`);
  process.exitCode = way.sandboxFault === undefined ? 0 : 2;
} else await serve();

/** Answers what is odd by itself, and lets the scripted tool answer the rest. */
async function serve(): Promise<void> {
  const methods = new Map<unknown, string>();
  const inner = new PassThrough();
  const message = z.looseObject({ id: z.optional(z.unknown()), method: z.optional(z.string()) });
  const refuse = (id: unknown, words: string): void => {
    process.stdout.write(`${JSON.stringify({ id, error: { code: -32600, message: words } })}\n`);
  };
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const { id, method = "" } = message.parse(JSON.parse(line));
    const refused = way.refuses?.[method];
    if (way.lacks?.includes(method) === true) {
      refuse(
        id,
        `Invalid request: unknown variant \`${method}\`, expected one of \`initialize\`, \`future\``,
      );
    } else if (refused === undefined) {
      if (id !== undefined) methods.set(id, method);
      inner.write(`${line}\n`);
    } else refuse(id, refused);
  });
  lines.on("close", () => inner.end());
  const output = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      const said = message.parse(JSON.parse(String(chunk)));
      const method = said.method === undefined ? methods.get(said.id) : undefined;
      const changed = method === "initialize" ? { userAgent: way.agent } : way.answers?.[method ?? ""];
      const whole = changed === undefined ? said : { id: said.id, result: changed };
      process.stdout.write(`${JSON.stringify(whole)}\n`, () => done());
    },
  });
  await runScriptedTool(inner, output);
}
