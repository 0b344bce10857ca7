import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { titlesOf } from "../../conformance/testTitles";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "reliability.md"), "utf8");

/** A test that the page names: `file › title`, the file below `test/`, with … for what a title is computed from. */
const named = [...page.matchAll(/`([\w./-]+\.test\.ts) › ([^`]+)`/gu)].map(([, file = "", title = ""]) => ({
  file,
  title,
}));

describe("docs/reliability.md", () => {
  it("names a test for each of the thirteen points", () => {
    const points = page.split(/^### /mu).slice(1);
    assert.deepEqual(
      points.map((one) => Number.parseInt(one, 10)),
      Array.from({ length: 13 }, (_one, index) => index + 1),
    );
    for (const point of points) assert.match(point, /\.test\.ts › /u, point.split("\n", 1)[0]);
  });

  it("names no test that does not exist", () => {
    assert.ok(named.length > 100, `only ${named.length} tests are named`);
    const missing = named.filter(({ file, title }) => {
      const { suites, tests } = titlesOf(file);
      return !suites.has(title) && !tests.has(title);
    });
    assert.deepEqual(
      missing.map(({ file, title }) => `${file} › ${title}`),
      [],
    );
  });

  it("names no command that package.json does not have", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const commands = [...page.matchAll(/npm run ([\w:]+)/gu)].map(([, name = ""]) => name);
    assert.ok(commands.length > 0);
    for (const name of commands) assert.ok(name in scripts, `npm run ${name}`);
  });
});
