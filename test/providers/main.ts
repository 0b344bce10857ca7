// `npm run providers -- opencode [--program /path/to/opencode]`: a real agent that no test can bring along, through the
// worker's own adapter and sandbox, against an endpoint on this machine and in a home of its own. Prints what was seen.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { systemRandom } from "../../src/base/random";
import { ownPlacesOf, providerOf } from "../../src/core/providers";
import { AcpRuntime } from "../../src/runtime/acp/acpRuntime";
import { Confinement } from "../../src/runtime/confine/confinement";
import { programPath } from "../../src/runtime/programPath";
import { AcpLab } from "../adapter/runtime/acpLab";
import { acpPrograms } from "../fakes/acpPrograms";
import { bubblewrapWorks, pathWithBubblewrap } from "../fakes/bubblewrap";
import { keeperProgram } from "../fakes/keeperProgram";
import { ChatEndpoint } from "./chatEndpoint";

/** By provider, what makes it speak to the endpoint: files below its home folder, and variables. */
const settings: Readonly<Record<string, (baseUrl: string) => Readonly<Record<string, object>>>> = {
  opencode: (baseURL) => ({
    ".config/opencode/opencode.json": {
      provider: {
        local: {
          npm: "@ai-sdk/openai-compatible",
          options: { baseURL, apiKey: "none" },
          models: { scripted: { name: "Scripted", tool_call: true } },
        },
      },
      ...{ model: "local/scripted", small_model: "local/scripted", autoupdate: false, share: "disabled" },
    },
  }),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { program: { type: "string" }, bare: { type: "boolean", default: false } },
});
/** Texts as they are, all else as JSON. */
function say(...parts: readonly unknown[]): void {
  const words = parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
  process.stdout.write(`${words.join(" ")}\n`);
}

async function main(): Promise<number> {
  const provider = positionals[0] ?? "";
  const [name = "", ...args] = providerOf(provider)?.command ?? [];
  const files = settings[provider];
  const environment = { PATH: process.env["PATH"] ?? "" };
  const program = values.program ?? (await programPath(name, environment));
  if (files === undefined || program === undefined) {
    const how = providerOf(provider)?.install ?? `name one of ${Object.keys(settings).join(", ")}`;
    say(`✗ ${provider || "nothing"} cannot be tried: ${how}`);
    return 1;
  }

  const lab = new AcpLab();
  const outside = join(lab.outside, "evil.txt");
  const endpoint = new ChatEndpoint(`echo made > made.txt; echo x > ${outside}; cat made.txt`);
  try {
    for (const [path, text] of Object.entries(files(await endpoint.start()))) {
      mkdirSync(join(lab.root, path, ".."), { recursive: true });
      writeFileSync(join(lab.root, path), JSON.stringify(text));
    }
    // As after its first start by a person.
    for (const place of ownPlacesOf(provider, [])) mkdirSync(join(lab.root, place), { recursive: true });
    const options = {
      ...{ clock: systemClock, random: systemRandom, redactor: lab.redactor, keeper: keeperProgram() },
      log: { ...silentLog, warn: (...said: readonly unknown[]) => say("  warns:", ...said) },
      environment: { PATH: pathWithBubblewrap, HOME: lab.root, LC_LAB: lab.mark },
    };
    const { toolPipe } = acpPrograms();
    const confinement = new Confinement({ ...options, privateFolders: [], ownPrograms: [toolPipe] });
    const runtime = new AcpRuntime({
      ...{ ...options, clientVersion: "0.0.0", scratchFolder: join(lab.root, "tmp"), toolPipe },
      ...(!values.bare && { confinement }),
    });
    const command = [program, ...args];
    const signal = AbortSignal.timeout(180_000);
    const { policy } = lab.request();
    say("probe:", JSON.stringify(await runtime.probe({ command, policy, environmentNames: [], signal })));
    const one = { provider, command };
    const outcome = await runtime.run(lab.request(one), (event) => lab.events.push(event), signal);
    say("outcome:", JSON.stringify(outcome));
    for (const event of lab.events) say(" ", JSON.stringify(event).slice(0, 300));
    const resumeThreadId = lab.eventsOf("threadStarted")[0]?.threadId;
    const again = { ...one, resumeThreadId, workKey: "work-2", untrustedInput: "AND-THEN" };
    const second = await runtime.run(lab.request(again), (event) => lab.events.push(event), signal);
    say(
      "resumed:",
      JSON.stringify(second),
      lab.eventsOf("threadStarted").at(-1)?.threadId === resumeThreadId,
    );
    const seen = JSON.stringify(endpoint.requests.find((sent) => (sent.tools?.length ?? 0) > 0) ?? null);
    const tools = endpoint.requests.flatMap((sent) => sent.tools?.map((tool) => tool.function.name) ?? []);
    say(
      "own tools offered:",
      tools.some((tool) => tool.endsWith("report_progress")),
    );
    say("both texts reached the model:", /[^N]TRUSTED-WORDS/.test(seen), seen.includes("UNTRUSTED-WORDS"));
    say("wrote inside:", existsSync(join(lab.project, "made.txt")), "outside:", existsSync(outside));
    say("held by the system's sandbox:", !values.bare && bubblewrapWorks());
    say("processes left:", lab.survivors().length);
  } finally {
    await endpoint.close();
    lab.close();
  }
  return 0;
}

void main().then((code) => (process.exitCode = code));
