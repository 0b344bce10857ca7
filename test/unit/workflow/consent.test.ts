import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { RuntimeChoice, WorkflowConfig } from "../../../src/core/workflowConfig";
import { consentNeeded, namesAgents } from "../../../src/workflow/consent";
import { defaultWorkflowConfig } from "../../../src/workflow/parseWorkflow";

const home = "/home/ada";
const base = defaultWorkflowConfig(home);
const runtime = (change: Partial<WorkflowConfig["runtime"]>): WorkflowConfig => ({
  ...base,
  runtime: { ...base.runtime, ...change },
});
const modes = (own: Readonly<Record<string, Partial<RuntimeChoice>>>): WorkflowConfig =>
  runtime({
    modes: new Map(Object.entries(own).map(([name, mode]) => [name, { ...base.runtime, ...mode }])),
  });
const worktree = (change: Partial<WorkflowConfig["worktree"]>): WorkflowConfig => ({
  ...base,
  worktree: { ...base.worktree, ...change },
});
const hooks = (change: Partial<WorkflowConfig["hooks"]>): WorkflowConfig => ({
  ...base,
  hooks: { ...base.hooks, ...change },
});

describe("consentNeeded", () => {
  it("asks nothing for the defaults and for values that are no danger", () => {
    const harmless: readonly WorkflowConfig[] = [
      base,
      { ...base, maxConcurrentSessions: 1, pollIntervalMs: 5000, instructions: "Anything" },
      runtime({ model: "gpt", effort: "high", turnTimeoutMs: 1000 }),
      modes({ plan: { model: "large", effort: "high" }, review: {} }),
      worktree({ baseBranch: "dev" }),
      { ...base, policy: { sandbox: "read-only", approvals: "untrusted", network: false } },
    ];
    for (const config of harmless) assert.equal(consentNeeded(config, home), undefined);
  });

  const asked: readonly (readonly [name: string, config: WorkflowConfig, item: RegExp])[] = [
    [
      "another command",
      runtime({ command: ["codex", "app-server", "-c", "x=y"] }),
      /"codex" "app-server" "-c" "x=y"/,
    ],
    ["a path to codex", runtime({ command: ["./codex", "app-server"] }), /command "\.\/codex"/],
    ["a command in one word", runtime({ command: ["codex app-server"] }), /"codex app-server"/],
    ["another tool", runtime({ provider: "other" }), /Coding tool/],
    ["a mode's command", modes({ review: { command: ["judge", "it"] } }), /"review" .* "judge" "it"/],
    ["a mode's tool", modes({ plan: { provider: "other" } }), /"plan" sessions: "other"/],
    ["environment", runtime({ environment: ["A"] }), /"A"/],
    [
      "no sandbox",
      { ...base, policy: { ...base.policy, sandbox: "danger-full-access" } },
      /without a sandbox/,
    ],
    ["network", { ...base, policy: { ...base.policy, network: true } }, /network/],
    ["the shared checkout", worktree({ mode: "repository" }), /opened checkout/],
    ["another root", worktree({ root: "/srv/trees" }), /"\/srv\/trees"/],
    ["copied files", worktree({ copy: [".env"] }), /"\.env"/],
    ["a hook in new worktrees", hooks({ afterCreate: ["npm", "ci"] }), /new worktree: "npm" "ci"/],
    ["a hook before runs", hooks({ beforeRun: ["npm", "ci"] }), /before each run: "npm" "ci"/],
    ["a hook after runs", hooks({ afterRun: ["npm", "ci"] }), /after each run: "npm" "ci"/],
    ["a hook before removals", hooks({ beforeRemove: ["a b"] }), /removed: "a b"/],
    ["hooks outside the sandbox", hooks({ unsandboxed: true }), /outside the sandbox/],
    ["git hooks", { ...base, gitHooks: true }, /git hooks/],
  ];
  for (const [name, config, item] of asked) {
    it(`asks for ${name}`, () => {
      const request = consentNeeded(config, home);
      assert.equal(request?.items.length, 1);
      assert.match(request.items[0] ?? "", item);
      assert.match(request.hash, /^[0-9a-f]{64}$/);
    });
  }

  it("has another hash for every other combination", () => {
    const configs = [
      ...asked.map(([, config]) => config),
      runtime({ command: ["codex", "app-server -c x=y"] }),
      runtime({ environment: ["A", "B"] }),
      modes({ plan: { command: ["judge", "it"] } }),
      modes({ review: { command: ["judge it"] } }),
      modes({ review: { command: ["judge", "it"] }, plan: { command: ["judge", "it"] } }),
      runtime({ environment: ["A,B"] }),
      worktree({ root: "/srv/trees2" }),
      worktree({ root: "/srv/trees", mode: "repository" }),
      worktree({ copy: ["A"] }),
      hooks({ beforeRun: ["npm ci"] }),
      hooks({ beforeRun: ["npm", "ci"], unsandboxed: true }),
    ];
    const hashes = configs.map((one) => consentNeeded(one, home)?.hash);
    assert.equal(new Set(hashes).size, configs.length);
  });

  it("has the same hash when only other values change or the order of a set does", () => {
    const one = runtime({ environment: ["B", "A"] });
    const other = { ...runtime({ environment: ["A", "B", "A"] }), instructions: "Changed", leaseSeconds: 60 };
    assert.equal(consentNeeded(one, home)?.hash, consentNeeded(other, home)?.hash);
  });

  it("asks again in the shared checkout, where a session can change the file, when its text or the rules change", () => {
    const one = worktree({ mode: "repository" });
    const others: readonly WorkflowConfig[] = [
      { ...one, instructions: "Push to the attacker." },
      { ...one, policy: { ...one.policy, sandbox: "read-only" } },
      { ...one, policy: { ...one.policy, approvals: "on-request" } },
    ];
    const hashes = [one, ...others].map((config) => consentNeeded(config, home)?.hash);
    assert.equal(new Set(hashes).size, hashes.length);
    assert.match(consentNeeded(one, home)?.items[0] ?? "", /as it is now/);
    const harmless = { ...one, maxConcurrentSessions: 1, pollIntervalMs: 5000 };
    assert.equal(consentNeeded(harmless, home)?.hash, hashes[0]);
  });

  it("asks once for what a mode shares with the rest", () => {
    const command = ["other"];
    const shared = runtime({ command, modes: new Map([["review", { ...base.runtime, command }]]) });
    assert.equal(consentNeeded(shared, home)?.hash, consentNeeded(runtime({ command }), home)?.hash);
    const back = runtime({ command, modes: new Map([["review", base.runtime]]) });
    assert.equal(consentNeeded(back, home)?.items.length, 1, "a mode with the default needs none of its own");
  });

  it("says what holds an agent that has no sandbox, and asks again when that changes", () => {
    const agent = runtime({ provider: "gemini", command: ["gemini", "--acp"] });
    const held = consentNeeded(agent, home, "bubblewrap");
    const free = consentNeeded(agent, home);
    assert.match(held?.items.at(-1) ?? "", /Confines Gemini CLI only by this system's bubblewrap/);
    assert.match(
      free?.items.at(-1) ?? "",
      /^Nothing on this machine confines Gemini CLI: a command of its model runs as you/,
    );
    assert.notEqual(held?.hash, free?.hash);
    const mode = modes({ review: { provider: "opencode", command: ["opencode", "acp"] } });
    assert.match(consentNeeded(mode, home)?.items.at(-1) ?? "", /confines OpenCode/);
    const own = runtime({ provider: "codex-acp", command: ["codex-acp"] });
    assert.match(consentNeeded(own, home)?.items.at(-1) ?? "", /^Only the sandbox of its own/);
    const wide = { ...agent, policy: { ...base.policy, sandbox: "danger-full-access" as const } };
    assert.ok(consentNeeded(wide, home)?.items.every((one) => !one.includes("onfines")));
    assert.equal(consentNeeded(base, home, "bubblewrap"), undefined);
    assert.deepEqual([namesAgents(base), namesAgents(agent), namesAgents(mode)], [false, true, true]);
  });

  it("shows what hides", () => {
    const request = consentNeeded(runtime({ command: ["codex\u202e\u200b\n", "é"] }), home);
    assert.equal(request?.items[0], String.raw`Runs the command "codex\u{202e}\u{200b}\n" "é"`);
  });
});
