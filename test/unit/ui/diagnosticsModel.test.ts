import assert from "node:assert/strict";
import MarkdownIt from "markdown-it";
import { checkGroups, type CheckedRow } from "../../../src/core/diagnostics";
import { plainMarkdown, reportMarkdown, summary } from "../../../src/ui/diagnosticsModel";
import { english, noon } from "./kit";

const row = (over: Partial<CheckedRow> = {}): CheckedRow => ({
  id: "git.version",
  group: "folder",
  name: "Git",
  expected: "Git 2.31 or newer",
  verdict: "passed",
  found: "git version 2.45.1.",
  tookMs: 12.4,
  ...over,
});
const report = (...rows: readonly CheckedRow[]): string =>
  reportMarkdown({ at: noon, facts: [{ name: "Editor", value: "Code 1.99.0" }], rows }, english);
/** As the editor's preview draws it, which makes links of addresses. */
const html = (markdown: string): string => new MarkdownIt({ html: true, linkify: true }).render(markdown);

describe("the page of diagnostics", () => {
  it("begins with how it went and what to do, the worst first", () => {
    const text = report(
      row(),
      row({ name: "Disk", verdict: "attention", found: "1 GB free.", advice: "Make room." }),
      row({ name: "Keeper", verdict: "failed", found: "It does not start.", advice: "Install anew." }),
      row({ name: "Token", verdict: "notTried", found: "Sign in first.", tookMs: undefined }),
    );
    const [title, , how, , todo, , first, second] = text.split("\n");
    assert.equal(title, "# One Horizon Worker: Diagnostics");
    assert.equal(how, "1 check failed, 1 needs a look, 1 passed, 1 not tried.");
    assert.equal(todo, "## What to do");
    assert.equal(first, "1. ✗ **Keeper.** It does not start. Install anew.");
    assert.equal(second, "1. △ **Disk.** 1 GB free. Make room.");
  });

  it("says once what to do about checks that one thing mends", () => {
    const advice = "Check the network.";
    const lines = report(
      row({ name: "User", verdict: "failed", found: "No answer (user).", advice }),
      row({ name: "Disk", verdict: "failed", found: "Full.", advice: "Make room." }),
      row({ name: "Queue", verdict: "failed", found: "No answer (queue).", advice }),
      row({ name: "Beat", verdict: "attention", found: "Late.", advice }),
      row({ name: "Tool", verdict: "failed", found: "Odd.", advice: undefined }),
      row({ name: "Lock", verdict: "failed", found: "Held.", advice: undefined }),
    ).split("\n");
    assert.deepEqual(
      lines.filter((line) => line.startsWith("1. ")),
      [
        "1. ✗ **User, Queue.** No answer (user). Check the network.",
        "1. ✗ **Disk.** Full. Make room.",
        "1. ✗ **Tool.** Odd.",
        "1. ✗ **Lock.** Held.",
        "1. △ **Beat.** Late. Check the network.",
      ],
    );
  });

  it("says what was expected, what came and how long it took", () => {
    assert.ok(
      report(row()).includes(
        "| ✓\u00a0passed | Git | Git 2.31 or newer | git version 2.45.1. | 12\u00a0ms |",
      ),
    );
    assert.ok(report(row({ tookMs: 1_540 })).includes("| 1.5\u00a0s |"));
    assert.ok(
      report(row({ verdict: "notTried", tookMs: undefined })).includes("| ○\u00a0not\u00a0tried | Git |"),
    );
    assert.ok(!report(row()).includes("What to do"));
  });

  it("has a table for each group, in their order, and what ran where", () => {
    const text = report(...checkGroups.map((group) => row({ group })));
    const titles = [...text.matchAll(/^## (.*)$/gmu)].map((match) => match[1]);
    assert.deepEqual(titles, [
      "Settings",
      "Machine",
      "Folder",
      "Coding tool",
      "Account",
      "Platform: what is read",
      "Worker: what it sent last",
      "About this window",
    ]);
    assert.ok(text.includes("- Editor: Code 1.99.0"));
    assert.equal(html(text).match(/<table>/gu)?.length, checkGroups.length);
  });

  const counts: readonly (readonly [readonly CheckedRow["verdict"][], string])[] = [
    [["passed"], "1 passed."],
    [["failed", "failed", "passed", "passed"], "2 checks failed, 2 passed."],
    [["attention", "attention"], "2 need a look, 0 passed."],
  ];
  for (const [verdicts, words] of counts) {
    it(`counts: ${words}`, () => {
      const rows = verdicts.map((verdict) => row({ verdict }));
      assert.equal(summary(rows, english), words);
    });
  }

  const hostile: readonly string[] = [
    "[click](command:workbench.action.quit)",
    "![x](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "https://evil.example/login and www.evil.example and a@evil.example",
    "a | b | c\n| d |\n\n# heading\n- list\n1. one",
    "`code` **bold** _it_ ~~s~~ $(error) $x$ &lt;b&gt;",
    "\\[x\\](y) \\| \u202Egnp.exe\u0007",
    "```\nfence",
    "<https://evil.example>",
    "| --- | --- |",
  ];
  for (const found of hostile) {
    it(`lets nothing act that others wrote: ${found.slice(0, 30)}`, () => {
      const drawn = html(
        report(row({ name: found, found, expected: found, advice: found, verdict: "failed" })),
      );
      assert.doesNotMatch(drawn, /<a |<img|<script|<code|<pre|<s>/u);
      assert.equal(drawn.match(/<table>/gu)?.length, 1);
      assert.equal(drawn.match(/<tbody>\n(<tr>)/gu)?.length, 1);
      assert.equal(drawn.match(/<h2>/gu)?.length, 3);
    });
  }

  it("stays readable where the Markdown itself is read", () => {
    assert.equal(
      plainMarkdown("Codex 0.169.0 is (too) old: ~/x/y-z"),
      "Codex 0.169.0 is (too) old: \\~/x/y-z",
    );
    assert.equal(plainMarkdown("- x"), "\\- x");
  });
});
