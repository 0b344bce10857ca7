import assert from "node:assert/strict";
import { changePairs, pairOf } from "../../../src/ui/changesModel";

describe("the changed file that a told path means", () => {
  const paths = ["src/a.ts", "src/b/a.ts", "package.json", "app/package.json", "lib/only.ts"];
  const pairs = changePairs(
    paths.map((path) => ({ path, rawPath: path, status: "modified" })),
    "/w",
    "a".repeat(40),
  );
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["src/a.ts", "src/a.ts"],
    ["./src/a.ts", "src/a.ts"],
    ["src\\b\\a.ts", "src/b/a.ts"],
    ["package.json", "package.json"],
    ["only.ts", "lib/only.ts"],
    ["/home/ada/worktree/lib/only.ts", "lib/only.ts"],
    ["a.ts", undefined],
    ["ly.ts", undefined],
    ["/etc/passwd", undefined],
    ["../../etc/passwd", undefined],
    ["", undefined],
    [".", undefined],
  ];
  for (const [told, meant] of rows) {
    it(`of “${told}” is ${meant ?? "none"}`, () => assert.equal(pairOf(pairs, told)?.path, meant));
  }
});
