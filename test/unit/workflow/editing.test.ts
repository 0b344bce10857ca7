import assert from "node:assert/strict";
import { completionsAt } from "../../../src/workflow/completion";
import { keyAt } from "../../../src/workflow/keyAt";
import { namesUnder } from "../../../src/workflow/keys";

/** The text without its mark, and the place of the mark. */
function marked(text: string): { readonly source: string; readonly line: number; readonly column: number } {
  const at = text.indexOf("|");
  assert.ok(at >= 0);
  const before = text.slice(0, at).split("\n");
  return {
    source: text.slice(0, at) + text.slice(at + 1),
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
}

function offered(text: string): readonly string[] {
  const { source, ...place } = marked(text);
  return completionsAt(source, place).map((one) => one.label);
}

/** The file after the named proposal was taken. */
function taken(text: string, label: string): string {
  const { source, ...place } = marked(text);
  const one = completionsAt(source, place).find((proposal) => proposal.label === label);
  assert.ok(one, label);
  const lines = source.split("\n");
  const line = lines[place.line - 1] ?? "";
  lines[place.line - 1] = line.slice(0, one.from - 1) + one.text + line.slice(one.to - 1);
  return lines.join("\n");
}

describe("completion in the front matter", () => {
  it("offers the groups at the top, without those that are there", () => {
    assert.deepEqual(offered("---\n|\n---\n"), namesUnder([]));
    assert.deepEqual(offered("---\nagent:\n  max_retry_attempts: 1\n|\ngit:\n  hooks: true\n---\n"), [
      ...["polling", "claim", "worktree", "runtime", "hooks"],
    ]);
  });

  it("offers the keys of the group around the cursor, without those that are there", () => {
    assert.deepEqual(offered("---\nclaim:\n  |\n---"), ["leaseSeconds"]);
    assert.deepEqual(offered("---\nagent:\n  max_retry_attempts: 1\n  # a note\n\n  max|\npolling:\n---"), [
      ...["max_concurrent_agents", "max_active_executions"],
    ]);
    assert.deepEqual(
      offered("---\nagent:\n    max_|"),
      namesUnder(["agent"]),
      "also before the end is written",
    );
  });

  it("offers the platform's modes, and the keys of any mode", () => {
    assert.ok(offered("---\nruntime:\n  modes:\n    |\n---").includes("review"));
    const keys = ["provider", "command", "model", "effort"];
    assert.deepEqual(offered("---\nruntime:\n  modes:\n    own:\n      |\n---"), keys);
  });

  it("offers the values of a key", () => {
    assert.deepEqual(offered("---\nruntime:\n  sandbox: |\n---"), [
      ...["read-only", "workspace-write", "danger-full-access"],
    ]);
    assert.deepEqual(offered("---\nruntime:\n  network: t|\n---"), ["true", "false"]);
    assert.deepEqual(offered("---\nclaim:\n  leaseSeconds: |\n---"), ["900"]);
    assert.deepEqual(offered("---\nruntime:\n  environment: |\n---"), []);
  });

  it("writes what was chosen in the place of what was begun", () => {
    assert.equal(taken("---\nclaim:\n  le|\n---", "leaseSeconds"), "---\nclaim:\n  leaseSeconds: \n---");
    assert.equal(
      taken("---\nclaim:\n  le|as: 5\n---", "leaseSeconds"),
      "---\nclaim:\n  leaseSeconds: 5\n---",
    );
    assert.equal(taken("---\nru|\n---", "runtime"), "---\nruntime:\n  \n---");
    assert.equal(taken("---\nruntime:\n  mo|", "modes"), "---\nruntime:\n  modes:\n    ");
    const sandbox = "---\nruntime:\n  sandbox: read-only # why\n---";
    assert.equal(taken("---\nruntime:\n  sandbox: wo|rk # why\n---", "read-only"), sandbox);
  });

  for (const text of [
    "|---\n---\n",
    "---\n---\n|",
    "---\n---\nclaim:\n  |",
    "# Title\n|",
    "---\n# |\n---",
    "---\nunknown:\n  |\n---",
    "---\nclaim: 5\n  |\n---",
    "---\n- |\n---",
    "---\nruntime:\n  environment:\n    |\n---",
    "---\nruntime:\n  sandbox: read-only |\n---",
    "---\n__proto__:\n  |\n---",
    "---\n__proto__: |\n---",
    "---\nconstructor: |\n---",
  ]) {
    it(`offers nothing at ${JSON.stringify(text)}`, () => assert.deepEqual(offered(text), []));
  }

  it("counts lines and columns as the editor does, after a mark of the byte order and with Windows line ends", () => {
    const [first] = completionsAt("\uFEFF---\r\nclaim:\r\n  le\r\n---\r\n", { line: 3, column: 5 });
    assert.deepEqual([first?.label, first?.from, first?.to], ["leaseSeconds", 3, 5]);
  });
});

describe("hover in the front matter", () => {
  const at = (text: string): string | undefined => {
    const { source, ...place } = marked(text);
    const found = keyAt(source, place);
    if (found === undefined) return undefined;
    const { key, start, end } = found;
    return `${key} ${start.line}:${start.column}-${end.line}:${end.column}`;
  };

  it("knows the key of a name and of a value, wherever it is written", () => {
    assert.equal(at("---\ncl|aim:\n  leaseSeconds: 60\n---"), "claim 2:1-2:6");
    assert.equal(at("---\nclaim:\n  lease|Seconds: 60\n---"), "claim.leaseSeconds 3:3-3:15");
    assert.equal(at("---\nclaim:\n  leaseSeconds: 6|0\n---"), "claim.leaseSeconds 3:17-3:19");
    assert.equal(at("---\nclaim: {leaseSeconds: |60}\n---"), "claim.leaseSeconds 2:23-2:25");
    assert.equal(at("---\nruntime:\n  command: [a, |b]\n---"), "runtime.command 3:12-3:18");
    const mode = "---\nruntime:\n  modes:\n    a.b:\n      mod|el: x\n---";
    assert.equal(at(mode), "runtime.modes.a.b.model 5:7-5:12");
  });

  it("knows it in a file that is not whole yet", () => {
    assert.equal(at("---\nclaim:\n  lease|Seconds: [\nagent: {\n---"), "claim.leaseSeconds 3:3-3:15");
    assert.equal(
      at("---\r\nclaim:\r\n  lease|Seconds: 1\r\n---\r\n".replaceAll("\r", "")),
      "claim.leaseSeconds 3:3-3:15",
    );
  });

  for (const text of [
    "|---\nclaim:\n---",
    "---\nclaim:\n---\n|claim",
    "---\nunk|nown: 1\n---",
    "---\n# cl|aim\n---",
    "---\n- cl|aim\n---",
    "---\n__pro|to__: 1\n---",
    "---\nconst|ructor: 1\n---",
    "---\nclaim:\n  own|: 1\n---",
    "cl|aim: never a front matter",
    `---\na: ${"[".repeat(20_000)}|\n---`,
    `---\na: &a [*a]\nb: *|a\n---`,
  ]) {
    it(`knows none at ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(at(text), undefined));
  }
});
