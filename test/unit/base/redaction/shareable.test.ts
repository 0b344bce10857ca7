import assert from "node:assert/strict";
import { plainAddresses, shareable } from "../../../../src/base/redaction/shareable";

const linux = { home: "/home/ada", user: "ada" };
const windows = { home: "C:\\Users\\Ada", user: "Ada" };
const root = { home: "/root", user: "root" };

describe("a text that may be shared", () => {
  const cases: readonly (readonly [string, string, { home: string; user: string }])[] = [
    ["/home/ada/.one/state", "~/.one/state", linux],
    ["in /home/ada.", "in ~.", { ...linux, home: "/home/ada/" }],
    ["/home/adam/x and /home/ada-b", "/home/adam/x and /home/ada-b", linux],
    ["/var/lib/ada/x, /data/ada", "/var/lib/…/x, /data/…", linux],
    ["adamant ada said", "adamant ada said", linux],
    ["C:\\Users\\Ada\\.one", "~\\.one", windows],
    ["C:/users/ada/.one and D:\\work\\Ada\\x", "~/.one and D:\\work\\…\\x", windows],
    ["C:\\\\Users\\\\Ada\\\\x", "~\\\\x", windows],
    ["/root/x and /rooted", "~/x and /rooted", root],
    ["/x", "/x", { home: "/", user: "" }],
    ["https://ada:pw@host/p?code=1#f", "https://host/p", linux],
    ["GET http://h:8/a?b=c failed", "GET http://h:8/a failed", linux],
    ["see (https://h/a#x).", "see (https://h/a).", linux],
    ["why? because #1", "why? because #1", linux],
  ];
  for (const [text, expected, owner] of cases) {
    it(`has no home, name or query: ${text}`, () => {
      assert.equal(shareable(text, owner), expected);
    });
  }

  it("is the same when it is made so again", () => {
    for (const [text, , owner] of cases) {
      const once = shareable(text, owner);
      assert.equal(shareable(once, owner), once);
    }
  });

  it("ends in time whatever it holds", () => {
    const hostile = `${"https://".repeat(20_000)}${"/ada".repeat(20_000)}${"?".repeat(50_000)}`;
    assert.ok(shareable(hostile, linux).length > 0);
    assert.equal(plainAddresses("x".repeat(100_000)).length, 100_000);
  });
});
