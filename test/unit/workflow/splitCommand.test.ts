import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { splitCommand } from "../../../src/workflow/splitCommand";

describe("splitCommand", () => {
  const good: readonly (readonly [line: string, argv: readonly string[]])[] = [
    ["codex app-server", ["codex", "app-server"]],
    ["  codex\t app-server  ", ["codex", "app-server"]],
    ["'/opt/a b/codex' x", ["/opt/a b/codex", "x"]],
    [`a "b c"d'e f'`, ["a", "b cde f"]],
    [`a ''  ""`, ["a", "", ""]],
    ["a\\ b c\\'d \\\\", ["a b", "c'd", "\\"]],
    [`a "say \\"hi\\" \\\\"`, ["a", 'say "hi" \\']],
    [`a '$HOME \`x\` \\n | ; & > < * ? [ { ~'`, ["a", "$HOME `x` \\n | ; & > < * ? [ { ~"]],
    [`a "| ; & * {"`, ["a", "| ; & * {"]],
    ["a -c x=y b~ b#c é", ["a", "-c", "x=y", "b~", "b#c", "é"]],
  ];
  for (const [line, argv] of good) {
    it(`splits ${line}`, () => assert.deepEqual(splitCommand(line), { kind: "ok", argv }));
  }

  const refused = [
    ...["", "   ", "''", "a | b", "a && b", "a; b", "a > b", "a < b", "(a)", "a $HOME", 'a "$HOME"', "a `b`"],
    ...[
      'a "`b`"',
      "a *",
      "a ?",
      "a [b]",
      "a {b,c}",
      "~/a",
      "a ~/b",
      "a # b",
      "a\nb",
      "a\0b",
      "'a\nb'",
      "'a",
      '"a',
    ],
    ...["a\\", 'a "b\\', "C:\\codex.exe", 'a "\\n"', "FOO=bar codex"],
  ];
  for (const line of refused) {
    it(`refuses ${JSON.stringify(line)}`, () => {
      const result = splitCommand(line);
      assert.equal(result.kind, "refused");
      assert.ok(result.reason.length > 5);
    });
  }
});
