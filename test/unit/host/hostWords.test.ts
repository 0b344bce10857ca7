import assert from "node:assert/strict";
import type { LogFields } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { joinedLog } from "../../../src/composition/joinedLog";
import { callbackQuery } from "../../../src/host/callbackQuery";
import { logLine } from "../../../src/host/logLine";

describe("log lines", () => {
  it("carry their fields as words", () => {
    assert.equal(
      logLine("claimed", { sessionId: "s-1", attempt: 2, ok: true, gone: undefined, note: 'a "b" c' }),
      'claimed sessionId=s-1 attempt=2 ok=true note="a \\"b\\" c"',
    );
    assert.equal(logLine("plain", undefined), "plain");
  });

  it("stay one line and bounded", () => {
    const line = logLine("a\nb", { text: `c\r\n\u2028${"x".repeat(600)}` });
    assert.match(line, /^a b text="c x{498}…"$/);
  });

  const secret = "S3cretS3cretS3cret";
  const leaks = [
    `Authorization: Bearer ${secret}`,
    `https://x/cb?code=${secret}&state=${secret}`,
    `refresh_token=${secret}`,
    `eyJhbGciOiJIUzI1NiJ9.${secret}.sig`,
  ];
  it("are made in a time that does not grow with what an error says", () => {
    // What grows with the square of the length does not end before the test's own limit.
    const line = logLine("failed", { error: "eyJ12345678-".repeat(400_000) });
    assert.ok(line.length < 100_000);
  });

  it("mask in every log they are written to", () => {
    const written: string[] = [];
    const write = (message: string, fields?: LogFields): void => {
      written.push(message, JSON.stringify(fields));
    };
    const one = { debug: write, info: write, warn: write, error: write };
    const log = joinedLog(new Redactor(), one, one);
    for (const leak of leaks) log.warn(leak, { error: leak, count: 1, gone: undefined });
    assert.doesNotMatch(written.join("\n"), /S3cret/);
    assert.match(written.join("\n"), /"count":1/);
  });

  for (const leak of leaks) {
    it(`mask ${leak.slice(0, 16)}…`, () => {
      assert.doesNotMatch(logLine(leak, { error: leak }), /S3cret/);
    });
  }
});

describe("the URI callback", () => {
  it("takes the sign-in path with a state", () => {
    const query = callbackQuery("/oauth/callback", "code=a+b/c=&state=xyz");
    assert.deepEqual([query?.get("code"), query?.get("state")], ["a+b/c=", "xyz"]);
  });
  it("takes nothing else", () => {
    const other: readonly (readonly [string, string])[] = [
      ["/oauth/callback/", "code=a&state=b"],
      ["/other", "code=a&state=b"],
      ["/oauth/callback", "code=a"],
      ["/oauth/callback", ""],
      ["/oauth/callback", `state=${"x".repeat(8_192)}`],
    ];
    assert.deepEqual(
      other.map(([path, query]) => callbackQuery(path, query)),
      other.map(() => undefined),
    );
  });
});
