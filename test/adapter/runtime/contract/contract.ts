import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Question } from "../../../../src/core/ports/person";
import type { RunRequest, RuntimeEvent } from "../../../../src/core/ports/runtime";
import type { ToolCall } from "../../../../src/core/ports/tools";
import { bubblewrapWorks } from "../../../fakes/bubblewrap";
import { until } from "../codexLab";
import type { Bench, Move, OpenBench } from "./bench";
import type { RuntimeFacts } from "./facts";

const asksFirst = { sandbox: "workspace-write", approvals: "on-request", network: false } as const;
const done: Move = { do: "say", text: "All done." };
const hour = "sleep 3600";

/** What every coding tool is held to, whatever it is spoken to in. */
export function runtimeContract(facts: RuntimeFacts, open: OpenBench): void {
  describe(`the contract of runtimes, ${facts.provider}`, function () {
    this.timeout(240_000);
    let bench: Bench;
    afterEach(() => bench.close());

    const eventsOf = <K extends RuntimeEvent["kind"]>(kind: K): Extract<RuntimeEvent, { kind: K }>[] =>
      bench.events.filter((one): one is Extract<RuntimeEvent, { kind: K }> => one.kind === kind);

    it("tells the plan, what it says, and the tokens", async () => {
      bench = await open([{ do: "plan", steps: ["Look", "Write"] }, done]);
      assert.deepEqual(await bench.run(), { kind: "completed", finalMessage: "All done." });
      assert.deepEqual(eventsOf("plan").at(-1)?.steps, [
        { text: "Look", status: "inProgress" },
        { text: "Write", status: "pending" },
      ]);
      assert.deepEqual(
        eventsOf("message").map(({ text, final }) => [text, final]),
        [["All done.", true]],
      );
      const usage = eventsOf("usage").at(-1)?.usage;
      assert.ok(usage !== undefined && usage.totalTokens >= 1050 && usage.outputTokens >= 50);
      const [first, last] = [bench.events[0]?.kind, eventsOf("threadStarted").length];
      assert.deepEqual([first, last], ["processStarted", 1]);
      assert.deepEqual(bench.survivors(), []);
    });

    it("tells a command with its end, and a file that changed", async () => {
      bench = await open([
        { do: "shell", script: "echo hello > a.txt && cat a.txt" },
        { do: "add", file: "new.txt", text: "line one" },
        done,
      ]);
      assert.equal((await bench.run()).kind, "completed");
      assert.ok(existsSync(join(bench.project, "a.txt")));
      const [ran] = eventsOf("commandCompleted");
      assert.match(ran?.command ?? "", /echo hello > a\.txt/);
      assert.match(ran?.outputTail ?? "", /hello/);
      const changed = eventsOf("filesChanged").flatMap(({ files }) => files);
      assert.ok(changed.some(({ path, change }) => path.endsWith("new.txt") && change === "add"));
    });

    it("asks a person before what is asked for, and nobody where the owner wants that", async () => {
      const script = "touch approved.txt";
      bench = await open([{ do: "ask", script }, done], [{ do: "ask", script }, done]);
      const asked: Question[] = [];
      const ask: RunRequest["ask"] = (question) => {
        asked.push(question);
        return Promise.resolve({ kind: "decision", decision: "deny", guidance: undefined });
      };
      const outcome = await bench.run({ policy: asksFirst, ask });
      assert.equal(outcome.kind, facts.denialEnds ? "failed" : "completed");
      assert.deepEqual(
        asked.map(({ about, what }) => [about, what.includes(script)]),
        [["command", true]],
      );
      assert.equal(existsSync(join(bench.project, "approved.txt")), false);
      await bench.run({ ask });
      assert.equal(asked.length, 1);
    });

    it("goes on with its thread in another process", async () => {
      bench = await open([{ do: "say", text: "First." }], [{ do: "say", text: "Second." }]);
      await bench.run();
      const resumeThreadId = eventsOf("threadStarted")[0]?.threadId;
      const again = await bench.run({ resumeThreadId, workKey: "work-2", untrustedInput: "AND-THEN" });
      assert.deepEqual(again, { kind: "completed", finalMessage: "Second." });
      assert.equal(eventsOf("threadStarted").at(-1)?.threadId, resumeThreadId);
      assert.ok(bench.told().untrusted.some((one) => one.includes("AND-THEN")));
    });

    it("leaves no process when it is interrupted", async () => {
      bench = await open([{ do: "shell", script: hour }, done]);
      const stop = new AbortController();
      const running = bench.run({}, stop.signal);
      const ended = assert.rejects(running, /enough/);
      await until("the command runs", () => eventsOf("commandStarted").length > 0);
      stop.abort(new Error("enough"));
      await ended;
      assert.deepEqual(bench.survivors(), []);
    });

    it("ends a turn that takes too long, and leaves no process", async () => {
      bench = await open([{ do: "hang" }]);
      const outcome = await bench.run({ turnTimeoutMs: 3000 });
      assert.equal(outcome.kind === "failed" ? outcome.reason : "", "turnTimeout");
      assert.deepEqual(bench.survivors(), []);
    });

    it("keeps commands to the worktree, and from the worker's own files", async () => {
      // The paths are known only once the bench is there.
      bench = await open([{ do: "shell", script: "sh ./script.sh" }, done]);
      const script = `cat ${bench.secret}; echo x > ${bench.outside}/evil.txt; echo x > inside.txt`;
      writeFileSync(join(bench.project, "script.sh"), script);
      assert.equal((await bench.run()).kind, "completed");
      const holds = facts.ownSandbox || bubblewrapWorks();
      assert.ok(existsSync(join(bench.project, "inside.txt")));
      assert.equal(existsSync(join(bench.outside, "evil.txt")), !holds);
      assert.equal(JSON.stringify(bench.events).includes("worker-secret"), !holds);
    });

    it("lets the model use the worker's own tools", async () => {
      bench = await open([{ do: "progress", message: "Half done" }, done]);
      const used: ToolCall[] = [];
      const outcome = await bench.run({
        useTool: (one) => {
          used.push(one);
          return Promise.resolve({ ok: true, text: "It is told." });
        },
      });
      assert.equal(outcome.kind, "completed");
      assert.deepEqual(used, [{ tool: "report_progress", message: "Half done" }]);
    });

    it("keeps the owner's words apart from those of others", async () => {
      bench = await open([done]);
      await bench.run();
      const { trusted, untrusted } = bench.told();
      const own = /(?<!UN)TRUSTED-WORDS/;
      assert.ok(trusted.some((one) => own.test(one)));
      assert.ok(trusted.every((one) => !one.includes("UNTRUSTED-WORDS")));
      assert.ok(untrusted.some((one) => one.includes("UNTRUSTED-WORDS")));
      assert.ok(untrusted.every((one) => !own.test(one)));
    });
  });
}
