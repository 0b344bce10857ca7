import assert from "node:assert/strict";
import { join } from "node:path";
import { bubblewrapWorks } from "../../../fakes/bubblewrap";
import { openAgent, openBareAgent } from "./agentBench";
import { runtimeContract } from "./contract";
import { agentFacts } from "./facts";

runtimeContract(agentFacts, openAgent, openBareAgent);

describe("an agent whose sandbox cannot be made", () => {
  it("is not started, and that is said", async () => {
    const bench = await openAgent([{ do: "shell", script: "touch ran" }]);
    try {
      const outcome = await bench.run({ artifactsDirectory: join(bench.project, "missing") });
      const reason = outcome.kind === "failed" ? outcome.reason : "";
      assert.equal(reason, bubblewrapWorks() ? "sandboxUnavailable" : "");
      assert.deepEqual(bench.survivors(), []);
    } finally {
      await bench.close();
    }
  });
});
