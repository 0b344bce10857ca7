import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { zipEntries } from "./zipEntries";

/** Everything a release may hold; `[Content_Types].xml` and the manifest are the package's own. */
const allowed: readonly RegExp[] = [
  /^\[Content_Types\]\.xml$/u,
  /^extension\.vsixmanifest$/u,
  /^extension\/(?:package(?:\.nls(?:\.[\w-]+)?)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/iu,
  /^extension\/dist\/(?:extension|heartbeatThread|processKeeper|toolPipe|sandbox|panel)\.js$/u,
  /^extension\/dist\/chunks\/[\w-]+\.js$/u,
  /^extension\/dist\/(?:panel\.css|codicon\.ttf|thirdPartyNotices\.txt)$/u,
  /^extension\/l10n\/bundle\.l10n(?:\.[\w-]+)?\.json$/u,
  /^extension\/media\/(?:[\w-]+\/)*[\w-]+\.(?:svg|png)$/u,
  /^extension\/schemas\/[\w.-]+\.json$/u,
];

const needed: readonly string[] = [
  ...["extension", "heartbeatThread", "processKeeper", "toolPipe", "sandbox"].map(
    (name) => `extension/dist/${name}.js`,
  ),
  ...["package.json", "package.nls.json", "readme.md", "changelog.md", "dist/thirdPartyNotices.txt"].map(
    (name) => `extension/${name}`,
  ),
];

describe("the package of a release", () => {
  const file = process.env["ONE_HORIZON_VSIX"] ?? "";

  it("holds what is on the list and nothing else: no source, no map, no test", () => {
    const names = [...zipEntries(readFileSync(file)).keys()];
    assert.deepEqual(
      names.filter((name) => !allowed.some((one) => one.test(name))),
      [],
    );
    const lower = new Set(names.map((name) => name.toLowerCase()));
    assert.deepEqual(
      needed.filter((name) => !lower.has(name.toLowerCase())),
      [],
    );
  });

  it("stays below a megabyte, and what the editor loads first below 250 kB", () => {
    const zip = readFileSync(file);
    assert.ok(zip.length <= 1_000_000);
    const bytes = zipEntries(zip).get("extension/dist/extension.js") ?? Infinity;
    assert.ok(bytes <= 250_000, `${bytes} bytes`);
  });
});
