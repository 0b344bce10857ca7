import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock as clock } from "../../../src/base/clock";
import { Emitter } from "../../../src/base/emitter";
import { silentLog, type Log } from "../../../src/base/log";
import { systemRandom as random } from "../../../src/base/random";
import { hideEnvironment } from "../../../src/base/redaction/secretValues";
import { joinedLog } from "../../../src/composition/joinedLog";
import { planEnd } from "../../../src/core/attemptEnding";
import { makeReporter, tellEnd, type TellingDeps } from "../../../src/core/attemptTelling";
import { metadataOf, narrate } from "../../../src/core/narrate";
import type { Platform, WorkerPath } from "../../../src/core/ports/platform";
import type { RunOutcome, RuntimeEvent } from "../../../src/core/ports/runtime";
import { redactedJournal } from "../../../src/core/redacted/redactedJournal";
import { redactedPlatform } from "../../../src/core/redacted/redactedPlatform";
import { redactedRuntime } from "../../../src/core/redacted/redactedRuntime";
import type { Reporter } from "../../../src/core/reporter";
import { bindSession } from "../../../src/core/sessionCalls";
import { createDailyLog } from "../../../src/machine/dailyLog";
import { openJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { HttpClient } from "../../../src/platform/http/httpClient";
import { RestPlatform } from "../../../src/platform/restPlatform";
import type { Sandbox } from "../../../src/sandbox/server";
import { aRecord } from "../../fakes/builders";
import { exec, items, plan, say } from "../../fakes/fakeModel";
import { startTestSandbox } from "../../fakes/sandbox";
import { queue, signIn } from "../../fakes/sandboxClient";
import { leaksIn } from "../../fuzz/redactionCase";
import { CodexLab } from "./codexLab";

const secret = "Zx81-kQ77.plm+deploy/9";
const base64 = Buffer.from(secret).toString("base64");
const name = "E2E_DEPLOY";

/** Everything that lies in the files of a folder. */
function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((one) => join(folder, String(one)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

describe("a secret that is passed on to the real codex", () => {
  let lab: CodexLab;
  let sandbox: Sandbox;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "codex-secrets-"));
    sandbox = await startTestSandbox();
  });
  afterEach(async () => {
    await lab.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function platformOf(log: Log): Promise<Platform> {
    const { accessToken } = await signIn(sandbox);
    const tokens = {
      onDidChangeToken: new Emitter<string>().event,
      get: () => Promise.resolve(accessToken),
      renew: () => Promise.reject(new Error("no renewal is due")),
    };
    const http = new HttpClient({ origin: sandbox.baseUrl, tokens, clock, random, log });
    return redactedPlatform(new RestPlatform(http, log), lab.redactor);
  }

  async function pathOf(platform: Platform): Promise<WorkerPath> {
    const agent = { workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
    const facts = {
      name: "VS Code worker",
      runtime: { provider: "codex", version: "1.0.0" },
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      worktreeMode: "task",
      maxConcurrentSessions: 1,
      instructions: undefined,
      groupId: undefined,
      idempotencyKey: "0123456789abcdef",
    } as const;
    const { workerId } = await platform.registerWorker(agent, facts, neverAborted);
    return { ...agent, workerId };
  }

  function hear(reporter: Reporter, log: Log, event: RuntimeEvent): void {
    const said = narrate(event);
    if (said !== undefined) reporter.tell(said.type, said.text);
    const metadata = metadataOf(event);
    if (metadata !== undefined) reporter.note(metadata);
    log.info("heard", { event: JSON.stringify(event) });
  }

  /** As an attempt does it: the run is told while it goes on, then its end. */
  async function tellAll(deps: TellingDeps, run: (reporter: Reporter) => Promise<RunOutcome>): Promise<void> {
    const reporter = makeReporter(deps);
    const over = new AbortController();
    const telling = reporter.run(over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
    try {
      const outcome = await run(reporter);
      assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
      const message = `The end: ${JSON.stringify(outcome)}`;
      const end = planEnd({ kind: "failed", reason: "turnFailed", message });
      await tellEnd(deps, reporter, end, random.uuid(), false, neverAborted);
    } finally {
      over.abort(new Error("told"));
      await telling;
    }
  }

  it("reaches neither the platform nor the journal nor a log file, though the model prints and says it", async () => {
    lab = await CodexLab.open(
      items(
        plan(`Use ${secret}`, [[`Send ${base64}`, "in_progress"]]),
        exec(`echo "$${name}"; printf %s "$${name}" | base64; printf %s "x:$${name}" | base64 >&2`),
      ),
      items(
        say(`It is ${secret}.`, "commentary"),
        exec(`echo curl -H "X: ${secret}" https://me:${secret}@x`),
      ),
      items(say(`Done: ${base64} and ${encodeURIComponent(secret)}.`)),
    );
    lab.environment[name] = secret;
    hideEnvironment(lab.redactor, lab.environment, [name]);
    const file = createDailyLog(join(folder, "logs"), clock);
    const log = joinedLog(lab.redactor, file);
    const platform = await platformOf(log);
    const path = await pathOf(platform);
    const sessionId = await queue(sandbox);
    const { claim } = await platform.claimSession(path, sessionId, { leaseSeconds: 900 }, neverAborted);
    const disk = journalDisk(
      join(folder, "state"),
      { origin: sandbox.baseUrl, workerId: path.workerId },
      clock,
    );
    const journal = redactedJournal(await openJournal(disk, { clock, log: silentLog }), lab.redactor);
    const record = { ...aRecord(), sessionId, claimId: claim.claimId };
    const deps: TellingDeps = {
      clock,
      random,
      log,
      journal,
      calls: bindSession(platform, path, sessionId),
      sessionId,
      claimId: claim.claimId,
      continued: false,
      whyNotComplete: () => undefined,
      onAccepted: (activity) => log.info("accepted", { message: activity.message }),
      save: (facts) => journal.save({ ...record, ...facts }),
    };
    const runtime = redactedRuntime(lab.runtime(), lab.redactor);
    await tellAll(deps, (reporter) =>
      runtime.run(
        lab.request({ environmentNames: [name] }),
        (event) => {
          lab.events.push(event);
          hear(reporter, log, event);
        },
        neverAborted,
      ),
    );
    await file.flush();
    // The commands had it and printed it; it was hidden on the way.
    const outputs = lab.eventsOf("commandCompleted").map((one) => one.outputTail);
    assert.equal(outputs.length, 2);
    assert.match(outputs[0] ?? "", /^\[hidden: secret value\]\n\[hidden: secret value\]==\n/u);
    const stored = JSON.stringify(sandbox.state());
    const [logs, notes] = [textsIn(join(folder, "logs")), textsIn(join(folder, "state"))];
    for (const text of [stored, logs, notes, JSON.stringify(lab.events)]) {
      assert.match(text, /\[hidden: secret value\]/u);
      assert.deepEqual(leaksIn([secret], text), []);
    }
  });
});
