import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { Runtime } from "../../../src/core/ports/runtime";
import { acpRuntime, runtimesByProvider } from "../../../src/composition/runtimes";
import { markerName } from "../../../src/runtime/environment";
import { keeperProgram } from "../../fakes/keeperProgram";
import { AcpLab } from "./acpLab";

const deps = { clock: systemClock, log: silentLog };
const never = new AbortController().signal;

describe("the coding tool by its provider", () => {
  let lab: AcpLab;
  beforeEach(() => (lab = new AcpLab()));
  afterEach(() => lab.close());

  /** A tool that only says who it is. */
  const named = (version: string): Runtime => ({
    provider: version,
    probe: () => Promise.resolve({ kind: "ready", provider: version, version }),
    run: () => Promise.resolve({ kind: "completed", finalMessage: version }),
    endLeftovers: () => Promise.resolve(0),
  });

  it("is codex, or an agent that is loaded when it is first named", async () => {
    let loaded = 0;
    const tools = runtimesByProvider(deps, named("codex"), () => {
      loaded += 1;
      return Promise.resolve(named("agent"));
    });
    const { policy } = lab.request();
    const probe = (provider: string) =>
      tools.probe({ provider, command: [], policy, environmentNames: [], signal: never });
    const run = (provider: string) => tools.run(lab.request({ provider }), () => undefined, never);
    assert.deepEqual(await probe("codex"), { kind: "ready", provider: "codex", version: "codex" });
    assert.deepEqual(await run("codex"), { kind: "completed", finalMessage: "codex" });
    await tools.endLeftovers(lab.marker);
    assert.equal(loaded, 0);
    assert.deepEqual(await probe("acp"), { kind: "ready", provider: "acp", version: "agent" });
    assert.deepEqual(await run("acp"), { kind: "completed", finalMessage: "agent" });
  });

  it("runs a real agent through what was loaded", async () => {
    const tools = runtimesByProvider(
      deps,
      named("codex"),
      acpRuntime({
        ...deps,
        random: systemRandom,
        redactor: lab.redactor,
        environment: { PATH: process.env["PATH"], HOME: lab.root },
        clientVersion: "0.0.0",
        keeper: keeperProgram(),
        scratchFolder: `${lab.root}/tmp`,
      }),
    );
    const command = lab.command({ prompts: [[{ do: "say", text: "Here." }]] });
    const outcome = await tools.run(lab.request({ command }), () => undefined, never);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "Here." });
  });

  it("is ended with the commands that an agent ran through us, whoever started them", async () => {
    const left = spawn("sleep", ["600"], {
      env: { [markerName]: `${lab.marker}-terminal-3`, LC_LAB: lab.mark, PATH: process.env["PATH"] },
      stdio: "ignore",
      detached: true,
    });
    const gone = once(left, "exit");
    const tools = runtimesByProvider(deps, named("codex"), () => Promise.reject(new Error("not wanted")));
    assert.equal(await tools.endLeftovers(lab.marker), 0);
    await gone;
  });
});
