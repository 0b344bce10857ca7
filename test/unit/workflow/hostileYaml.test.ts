import assert from "node:assert/strict";
import { completionsAt } from "../../../src/workflow/completion";
import { keyAt } from "../../../src/workflow/keyAt";
import {
  defaultWorkflowConfig,
  parseWorkflow,
  type ParsedWorkflow,
} from "../../../src/workflow/parseWorkflow";

const home = "/home/ada";
const parse = (yaml: string): ParsedWorkflow => parseWorkflow(`---\n${yaml}\n---\nBe kind.\n`, home);
const { instructions: _, ...defaults } = defaultWorkflowConfig(home);

describe("a hostile front matter", () => {
  const refused: readonly (readonly [name: string, yaml: string])[] = [
    ["a NUL among the keys", "agent:\n  max_retry_attempts: 1\0"],
    ["a NUL in a command", 'runtime:\n  command: ["codex", "a\\0b"]'],
    ["a second document", "agent: {}\n...\nagent: {max_retry_attempts: 1}"],
    ["a directive", "%YAML 1.1\nagent: {}"],
    ["a tag of another language", "agent: !!python/object/apply:os.system [id]"],
    ["a tag of its own", "agent: !own {max_retry_attempts: 1}"],
    ["a set", "agent: !!set {max_retry_attempts}"],
    ["a date", "claim: !!timestamp 2030-01-01"],
    ["the same key twice, deep down", "runtime:\n  modes:\n    a: {model: x}\n    a: {model: y}"],
    ["the same key twice, spelled otherwise", 'agent: {}\n"agent": {}'],
    ["tabs for indentation", "agent:\n\tmax_retry_attempts: 1"],
    ["an alias without an anchor", "agent: *gone"],
    ["a number without end", "claim:\n  leaseSeconds: .inf"],
    ["a number too large to be one", "claim:\n  leaseSeconds: 1e400"],
    ["a number in words of another YAML", "claim:\n  leaseSeconds: 1_000"],
    ["a mode that is no group", "runtime:\n  modes: {plan: 7}"],
  ];
  for (const [name, yaml] of refused) {
    it(`with ${name} is refused`, () => {
      const result = parse(yaml);
      assert.equal(result.kind, "broken");
      const [first] = result.problems;
      assert.ok(first !== undefined && first.line >= 2 && first.message.length > 20, JSON.stringify(first));
    });
  }

  const idle: readonly (readonly [name: string, yaml: string])[] = [
    ["a prototype", "__proto__: {maxRetryAttempts: 9}\nagent: {__proto__: {max_retry_attempts: 9}}"],
    ["a constructor", "constructor: {prototype: {maxRetryAttempts: 9}}\ntoString: x"],
    ["a merge", "base: &base {max_retry_attempts: 9}\nagent:\n  <<: *base"],
    ["a list for a key", "? [agent, polling]\n: {max_retry_attempts: 9}"],
    ["numbers for keys", "1: x\n2: {3: y}\nnull: z\ntrue: t"],
  ];
  for (const [name, yaml] of idle) {
    it(`with ${name} changes nothing and is warned of`, () => {
      const result = parse(yaml);
      assert.ok(result.kind === "ok", JSON.stringify(result));
      const { instructions, ...config } = result.config;
      assert.equal(instructions, "Be kind.");
      assert.deepEqual(config, defaults);
      assert.ok(result.warnings.length > 0);
      assert.equal(Object.hasOwn(Object.prototype, "maxRetryAttempts"), false);
    });
  }

  it("has no mode by the name of a prototype", () => {
    const result = parse("runtime:\n  modes:\n    __proto__: {model: x}\n    constructor: {model: y}");
    assert.ok(result.kind === "ok", JSON.stringify(result));
    assert.deepEqual([...result.config.runtime.modes.keys()], ["constructor"]);
    assert.equal("model" in {}, false);
  });

  it("may share a value with an anchor, a few times", () => {
    const result = parse("runtime:\n  command: &tool [a, b]\n  modes:\n    plan: {command: *tool}");
    assert.ok(result.kind === "ok", JSON.stringify(result));
    assert.deepEqual(result.config.runtime.modes.get("plan")?.command, ["a", "b"]);
  });

  for (const [name, end] of [
    ["Windows", "\r\n"],
    ["old Macintosh", "\r"],
  ] as const) {
    it(`reads the same with ${name} line ends and a mark of the byte order`, () => {
      const text = ["---", "claim:", "  leaseSeconds: 60", "---", "Be", "kind."].join(end);
      const result = parseWorkflow(`\uFEFF${text}`, home);
      assert.ok(result.kind === "ok");
      assert.equal(result.config.leaseSeconds, 60);
      assert.equal(result.config.instructions, "Be\nkind.");
    });
  }

  const deep: readonly (readonly [name: string, yaml: string])[] = [
    ["brackets", `a: ${"[".repeat(30_000)}`],
    ["brackets over lines", `a:\n${" [{a:\n".repeat(5000)}`],
    ["braces", `a: ${"{a: ".repeat(7000)}`],
    ["dashes", `${"- ".repeat(15_000)}x`],
    ["question marks", "? ".repeat(15_000)],
    ["mixed marks", "? - ".repeat(7000)],
    ["question marks with anchors", "? &x ".repeat(30)],
    ["collections as keys", `a: ${"[".repeat(190)}x${"]: y".repeat(190)}`],
    ["colons", "a: ".repeat(10_000)],
    ["bare colons", ": ".repeat(15_000)],
    ["indentation", Array.from({ length: 240 }, (_one, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ];
  for (const [name, yaml] of deep) {
    // Near the end of its stack the engine may end the process: no parser sees this.
    it(`with endless ${name} is refused and has no keys to show`, () => {
      const result = parse(yaml);
      assert.equal(result.kind, "broken");
      assert.match(result.problems[0]?.message ?? "", /nested too deeply/);
      assert.equal(keyAt(`---\n${yaml}\n---\n`, { line: 2, column: 1 }), undefined);
    });
  }

  it("with as much nesting as is let through is still parsed to an end", () => {
    const most = 20;
    for (const yaml of [
      `a: ${"[".repeat(most)}`,
      `a: ${"[".repeat(most)}x${"]: y".repeat(most)}`,
      "- ".repeat(most),
      "a: ".repeat(100),
      "? ".repeat(most),
    ]) {
      parse(yaml);
      keyAt(`---\n${yaml}\n---\n`, { line: 2, column: 1 });
    }
  });

  it("is completed by looking at lines, however many and long", () => {
    for (const text of [
      `---\n${"k:\n".repeat(60_000)}---\n`,
      `---\n${Array.from({ length: 9000 }, (_one, n) => `${" ".repeat(n % 25)}a${n}:`).join("\n")}\n---`,
      "x".repeat(300_000),
      `---\n${" ".repeat(100_000)}`,
      `---\n${"a:".repeat(50_000)}`,
    ]) {
      for (const line of [1, 2, 5000]) {
        assert.ok(completionsAt(text, { line, column: 99_999 }).length < 20);
        keyAt(text, { line, column: 3 });
      }
    }
  });
});
