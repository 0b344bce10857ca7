import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Question } from "../../../../src/core/ports/person";
import type { RunRequest, RuntimeEvent } from "../../../../src/core/ports/runtime";
import type { ToolCall } from "../../../../src/core/ports/tools";
import { bubblewrapWorks } from "../../../fakes/bubblewrap";
import { until } from "../codexLab";
import type { Bench, Move, OpenBench } from "./bench";
import { features, type Feature, type RuntimeFacts } from "./facts";
import { readResults, writeResults } from "./results";

const asksFirst = { sandbox: "workspace-write", approvals: "on-request", network: false } as const;
const done: Move = { do: "say", text: "All done." };
const hour = "sleep 3600";

/** What a tool's own sandbox is worth, by what its model's commands could do without the system's. */
function bareWords(done: readonly string[]): string {
  if (done.length === 0) return "its own, inside the system's";
  return done.includes("plants") ? "the system's, or none" : "the system's; its own besides, which reads all";
}

/**
 * What every coding tool is held to, whatever it is spoken to in. What it was seen to give is compared with what the page
 * about coding tools says, or becomes that with UPDATE_RUNTIMES.
 * @param openBare the same without the system's sandbox; absent for a tool that is never put into one.
 */
export function runtimeContract(facts: RuntimeFacts, open: OpenBench, openBare?: OpenBench): void {
  describe(`the contract of runtimes, ${facts.provider}`, function () {
    this.timeout(240_000);
    let bench: Bench | undefined;
    const gives = new Map<Feature, string>();
    afterEach(async () => {
      await bench?.close();
      bench = undefined;
    });

    const eventsOf = <K extends RuntimeEvent["kind"]>(kind: K): Extract<RuntimeEvent, { kind: K }>[] =>
      (bench?.events ?? []).filter((one): one is Extract<RuntimeEvent, { kind: K }> => one.kind === kind);

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
      const kinds = bench.events.map(({ kind }) => kind);
      gives.set("plan", "yes");
      gives.set(
        "tokens",
        kinds.indexOf("usage") < kinds.indexOf("message") ? "while it runs" : "at the turn's end",
      );
      const [first, last] = [kinds[0], eventsOf("threadStarted").length];
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
      gives.set("approvals", outcome.kind === "completed" ? "yes" : "yes, a no ends the turn");
    });

    it("goes on with its thread in another process", async () => {
      bench = await open([{ do: "say", text: "First." }], [{ do: "say", text: "Second." }]);
      await bench.run();
      const resumeThreadId = eventsOf("threadStarted")[0]?.threadId;
      const again = await bench.run({ resumeThreadId, workKey: "work-2", untrustedInput: "AND-THEN" });
      assert.deepEqual(again, { kind: "completed", finalMessage: "Second." });
      assert.equal(eventsOf("threadStarted").at(-1)?.threadId, resumeThreadId);
      assert.ok(bench.told().untrusted.some((one) => one.includes("AND-THEN")));
      gives.set("resume", "yes");
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
      gives.set("interrupt", "yes, nothing is left");
    });

    it("ends a turn that takes too long, and leaves no process", async () => {
      bench = await open([{ do: "hang" }]);
      const outcome = await bench.run({ turnTimeoutMs: 3000 });
      assert.equal(outcome.kind === "failed" ? outcome.reason : "", "turnTimeout");
      assert.deepEqual(bench.survivors(), []);
    });

    /** What a command of the model could do that it may not: read the worker's own files, write elsewhere, plant a hook. */
    const harms = async (opened: Bench): Promise<readonly string[]> => {
      const hooks = join(opened.project, ".git", "hooks");
      mkdirSync(hooks, { recursive: true });
      const tries = [
        `cat ${opened.secret}`,
        `echo x > ${opened.outside}/evil.txt`,
        `echo x > ${hooks}/evil`,
        "echo x > inside.txt",
      ];
      writeFileSync(join(opened.project, "script.sh"), tries.join("; "));
      assert.equal((await opened.run()).kind, "completed");
      assert.ok(existsSync(join(opened.project, "inside.txt")));
      return [
        ...(JSON.stringify(opened.events).includes("worker-secret") ? ["reads"] : []),
        ...(existsSync(join(opened.outside, "evil.txt")) ? ["writes"] : []),
        ...(existsSync(join(hooks, "evil")) ? ["plants"] : []),
      ];
    };
    // The paths are known only once the bench is there.
    const evil: readonly Move[] = [{ do: "shell", script: "sh ./script.sh" }, done];

    it("keeps commands to the worktree, and from the worker's own files", async () => {
      bench = await open(evil);
      const harmed = await harms(bench);
      assert.deepEqual(harmed, openBare === undefined || bubblewrapWorks() ? [] : facts.bareHarms);
      if (openBare === undefined) gives.set("sandbox", "its own");
    });

    if (openBare !== undefined) {
      it("keeps them as it is said where the system has no sandbox", async () => {
        bench = await openBare(evil);
        const harmed = await harms(bench);
        assert.deepEqual(harmed, facts.bareHarms);
        gives.set("sandbox", bareWords(harmed));
      });
    }

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
      gives.set("own tools", "yes");
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

    it("gives what docs/runtimes.md says of it", () => {
      if (process.env["UPDATE_RUNTIMES"] !== undefined) {
        assert.equal(gives.size, features.length, "the whole contract has to run for that");
        writeResults(facts.provider, facts.ran, gives);
      }
      const known = readResults(facts.provider);
      assert.equal(
        known.ran,
        facts.ran,
        "UPDATE_RUNTIMES=1 with this file, then with the house test `runtimes`",
      );
      // Where one of the tests above failed or was left out, there is nothing to compare.
      for (const [feature, seen] of gives) assert.equal(seen, known.gives[feature], feature);
    });
  });
}
