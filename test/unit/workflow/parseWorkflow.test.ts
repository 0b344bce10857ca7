import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  defaultWorkflowConfig,
  parseWorkflow,
  type ParsedWorkflow,
} from "../../../src/workflow/parseWorkflow";
import type { WorkflowConfig } from "../../../src/core/workflowConfig";

const home = "/home/ada";
const parse = (yaml: string, body = ""): ParsedWorkflow => parseWorkflow(`---\n${yaml}\n---\n${body}`, home);

function configOf(result: ParsedWorkflow): WorkflowConfig {
  assert.equal(result.kind, "ok", JSON.stringify(result));
  return result.config;
}

function problemsOf(result: ParsedWorkflow): string[] {
  assert.equal(result.kind, "broken", JSON.stringify(result));
  return result.problems.map(
    (one) => `${one.line}:${one.column}-${one.endLine}:${one.endColumn} ${one.message}`,
  );
}

describe("parseWorkflow", () => {
  it("has the contract's defaults", () => {
    const expected: WorkflowConfig = {
      maxConcurrentSessions: 6,
      maxActiveExecutions: 3,
      maxRetryAttempts: 0,
      pollIntervalMs: 30_000,
      leaseSeconds: 900,
      worktree: { mode: "task", root: "/home/ada/.one/worktrees", baseBranch: undefined, copy: [] },
      runtime: {
        provider: "codex",
        command: ["codex", "app-server"],
        model: undefined,
        effort: undefined,
        modes: new Map(),
        environment: [],
        turnTimeoutMs: 3_600_000,
        stallTimeoutMs: 300_000,
      },
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      hooks: {
        ...{ afterCreate: undefined, beforeRun: undefined, afterRun: undefined, beforeRemove: undefined },
        ...{ timeoutMs: 60_000, unsandboxed: false },
      },
      gitHooks: false,
      instructions: "",
    };
    assert.deepEqual(defaultWorkflowConfig(home), expected);
    for (const text of ["", "---\n---\n", "---\nagent:\nruntime: ~\n---\n", "---\n# only a comment\n---"]) {
      assert.deepEqual(parseWorkflow(text, home), { kind: "ok", config: expected, warnings: [] }, text);
    }
  });

  it("takes every key", () => {
    const result = parse(
      [
        "agent: {max_concurrent_agents: 2, max_active_executions: 1, max_retry_attempts: 4}",
        "polling: {pollIntervalMs: 1000}",
        "claim: {leaseSeconds: 60}",
        "worktree: {mode: repository, root: ~/trees/../work trees, base_branch: release/1.x, copy: [.env*]}",
        "runtime:",
        "  provider: codex",
        "  command: '\"/opt/my codex/codex\" app-server -c a=b'",
        "  model: gpt-5.1-codex",
        "  effort: high",
        "  sandbox: danger-full-access",
        "  approvals: on-request",
        "  network: true",
        "  environment: [NPM_TOKEN, FOO]",
        "  turn_timeout_ms: 5000",
        "  stall_timeout_ms: 4000",
        "hooks: {after_create: [npm, ci], before_run: [./a b], after_run: [c, ''], before_remove: [d],",
        "  timeout_ms: 100, unsandboxed: true}",
        "git: {hooks: true}",
      ].join("\n"),
      "\n# Rules\r\nBe kind.\n\n---\nStill the body.\n",
    );
    assert.deepEqual(result, {
      kind: "ok",
      warnings: [],
      config: {
        maxConcurrentSessions: 2,
        maxActiveExecutions: 1,
        maxRetryAttempts: 4,
        pollIntervalMs: 1000,
        leaseSeconds: 60,
        worktree: {
          mode: "repository",
          root: "/home/ada/work trees",
          baseBranch: "release/1.x",
          copy: [".env*"],
        },
        runtime: {
          provider: "codex",
          command: ["/opt/my codex/codex", "app-server", "-c", "a=b"],
          model: "gpt-5.1-codex",
          effort: "high",
          modes: new Map(),
          environment: ["NPM_TOKEN", "FOO"],
          turnTimeoutMs: 5000,
          stallTimeoutMs: 4000,
        },
        policy: { sandbox: "danger-full-access", approvals: "on-request", network: true },
        hooks: {
          ...{ afterCreate: ["npm", "ci"], beforeRun: ["./a b"], afterRun: ["c", ""], beforeRemove: ["d"] },
          ...{ timeoutMs: 100, unsandboxed: true },
        },
        gitHooks: true,
        instructions: "# Rules\nBe kind.\n\n---\nStill the body.",
      },
    });
  });

  it("takes a command as a list, word for word", () => {
    const config = configOf(parse("runtime:\n  command: [my tool, '$HOME', 'a;b', '']"));
    assert.deepEqual(config.runtime.command, ["my tool", "$HOME", "a;b", ""]);
  });

  it("takes what a mode leaves out from the rest of runtime", () => {
    const config = configOf(
      parse(
        [
          "runtime:",
          "  command: tool serve",
          "  model: small",
          "  modes:",
          "    review: {model: large, effort: high}",
          "    plan: {command: [codex, app-server]}",
          "    code:",
        ].join("\n"),
      ),
    );
    const tool = { provider: "codex", command: ["tool", "serve"], model: "small", effort: undefined };
    assert.deepEqual(
      config.runtime.modes,
      new Map([
        ["review", { ...tool, model: "large", effort: "high" }],
        ["plan", { ...tool, command: ["codex", "app-server"] }],
      ]),
    );
  });

  it("gives a tool that is named anew its own command, and no other's", () => {
    const config = configOf(
      parse(
        [
          "runtime:",
          "  provider: acp",
          "  command: my-agent --acp",
          "  modes:",
          "    review: {provider: codex}",
          "    plan: {model: large}",
          "    code: {provider: acp}",
        ].join("\n"),
      ),
    );
    const agent = { provider: "acp", command: ["my-agent", "--acp"], model: undefined, effort: undefined };
    assert.deepEqual(
      config.runtime.modes,
      new Map([
        ["review", { ...agent, provider: "codex", command: ["codex", "app-server"] }],
        ["plan", { ...agent, model: "large" }],
        ["code", agent],
      ]),
    );
  });

  it("reads a file without front matter as instructions", () => {
    assert.equal(configOf(parseWorkflow("\uFEFF# Hello\n\nText\n", home)).instructions, "# Hello\n\nText");
  });

  it("places problems after a byte order mark and Windows line ends", () => {
    const result = parseWorkflow("\uFEFF---\r\nclaim:\r\n  leaseSeconds: soon\r\n---\r\n", home);
    assert.deepEqual(problemsOf(result), [
      "3:17-3:21 claim.leaseSeconds must be a whole number of seconds from 30 to 86400. Without this key: 900.",
    ]);
  });

  const wrong: readonly (readonly [yaml: string, place: string, message: RegExp])[] = [
    [
      "agent:\n  max_concurrent_agents: 0",
      "3:26",
      /^agent\.max_concurrent_agents must be .* 1 to 64\. .*: 6\.$/,
    ],
    ["agent:\n  max_concurrent_agents: 65", "3:26", /1 to 64/],
    ["agent:\n  max_active_executions: 1.5", "3:26", /max_active_executions/],
    ["agent:\n  max_retry_attempts: '1'", "3:23", /max_retry_attempts/],
    ["agent: 7", "2:8", /^agent must be a group of keys/],
    ["agent: []", "2:8", /^agent must be a group of keys/],
    ["polling:\n  pollIntervalMs: 999", "3:19", /from 1000/],
    ["polling:\n  pollIntervalMs: .nan", "3:19", /from 1000/],
    ["worktree:\n  mode: shared", "3:9", /"task" or "repository"/],
    ["worktree:\n  root: trees", "3:9", /absolute path/],
    ["worktree:\n  root: ~bob/trees", "3:9", /absolute path/],
    ["worktree:\n  base_branch: --upload-pack=x", "3:16", /branch name/],
    ["worktree:\n  base_branch: a..b", "3:16", /branch name/],
    ["worktree:\n  base_branch: a b", "3:16", /branch name/],
    ["worktree:\n  copy: [.env, ../secret]", "3:16", /globs inside the folder/],
    ["worktree:\n  copy: [/etc/passwd]", "3:10", /globs/],
    ["worktree:\n  copy: ['C:\\x']", "3:10", /globs/],
    ["worktree:\n  copy: ['a/.GIT/config']", "3:10", /globs/],
    ["runtime:\n  provider: claude", "3:13", /"codex"/],
    ["runtime:\n  provider: acp", "3:3", /runtime\.command must be .* Found none, and the coding tool "acp"/],
    [
      "runtime:\n  modes:\n    plan: {provider: acp, model: small}",
      "4:11",
      /runtime\.modes\.plan\.command must be .* Found none/,
    ],
    ["runtime:\n  command: codex | tee log", "3:12", /Found "\|" would need a shell/],
    ["runtime:\n  command: []", "3:12", /command line/],
    ["runtime:\n  command: ['']", "3:12", /command line/],
    ["runtime:\n  command: {a: b}", "3:12", /command line/],
    ["runtime:\n  sandbox: none", "3:12", /"read-only"/],
    ["runtime:\n  approvals: always", "3:14", /"on-request"/],
    ["runtime:\n  network: yes", "3:12", /true or false/],
    ["runtime:\n  environment: [A, 'B=C']", "3:20", /variable names/],
    ["runtime:\n  effort: HIGH", "3:11", /lower-case/],
    ["runtime:\n  modes:\n    review:\n      command: a && b", "5:16", /modes\.review\.command.*"&"/],
    ["hooks:\n  after_create: npm ci", "3:17", /^hooks\.after_create must be a list of strings/],
    ["git:\n  hooks: 1", "3:10", /true or false/],
    ["- a\n- b", "2:1", /must be a group of keys/],
    ["just text", "2:1", /must be a group of keys/],
    ["agent: {\n", "2:8|3:1|4:1", /not valid YAML/],
    ["agent: {}\nagent: {}", "3:1", /not valid YAML.*unique/],
    ["a: !!js/function 'x'", "2:4", /not valid YAML/],
  ];
  for (const [yaml, place, message] of wrong) {
    it(`refuses ${JSON.stringify(yaml)}`, () => {
      const result = parse(yaml);
      assert.equal(result.kind, "broken");
      const first = result.problems[0];
      assert.ok(first);
      assert.ok(place.split("|").includes(`${first.line}:${first.column}`), `${first.line}:${first.column}`);
      assert.match(first.message, message);
    });
  }

  it("names every wrong value at once", () => {
    assert.equal(problemsOf(parse("agent:\n  max_retry_attempts: x\nclaim:\n  leaseSeconds: 1")).length, 2);
  });

  it("warns of unknown keys and keeps the rest", () => {
    const result = parse(
      "agent:\n  max_agents: 3\n  max_retry_attempts: 1\nfuture: {a: 1}\n__proto__: {b: 1}",
    );
    assert.equal(configOf(result).maxRetryAttempts, 1);
    assert.deepEqual(
      result.warnings.map(
        (one) => `${one.line}:${one.column}-${one.endColumn} ${one.message.split(" ")[0] ?? ""}`,
      ),
      ["3:3-13 agent.max_agents", "5:1-7 future", "6:1-10 __proto__"],
    );
    assert.match(result.warnings[0]?.message ?? "", /max_concurrent_agents/);
  });

  const bombs: readonly (readonly [name: string, text: string])[] = [
    ["more than 256 kB", `---\n---\n${"x".repeat(256_001)}`],
    ["more than 256 kB of wide characters", "é".repeat(128_001)],
    ["a front matter that is never closed", "---\nagent: {}\n"],
    ["a front matter with more keys than anybody writes", `---\n${"k:\n".repeat(20_000)}---\n`],
    ["deep brackets", `---\na: ${"[".repeat(30_000)}\n---\n`],
    ["deep dashes", `---\n${"- ".repeat(15_000)}x\n---\n`],
    [
      "deep indentation",
      `---\n${Array.from({ length: 200 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")} 1\n---\n`,
    ],
    [
      "aliases that multiply",
      `---\na0: &a0 [x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join("\n")}\n---\n`,
    ],
    ["an alias of itself", "---\na: &a [*a]\n---\n"],
  ];
  for (const [name, text] of bombs) {
    it(`refuses ${name} quickly`, () => {
      // What unfolds does not end before the test's own limit.
      assert.equal(problemsOf(parseWorkflow(text, home)).length > 0, true);
    });
  }
});
