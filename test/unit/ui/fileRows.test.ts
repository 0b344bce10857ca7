import assert from "node:assert/strict";
import type { ChangedFile } from "../../../src/ui/changesModel";
import { fileRows } from "../../../src/ui/fileRows";
import { aFullSession, english } from "./kit";

describe("the changed files of a session", () => {
  const file = (path: string, status: ChangedFile["status"] = "modified"): ChangedFile => ({
    ...{ path, status, rawPath: path },
  });

  it("are a row each, in path order, that opens its diff", () => {
    const rows = fileRows(
      aFullSession(),
      [file("src/b.ts", "deleted"), file("README.md"), file("src/a.ts", "added")],
      english,
    );
    assert.deepEqual(
      rows.map((one) => [one.label, one.description, one.icon?.id, one.file, one.spoken]),
      [
        ["README.md", "", "diff-modified", "README.md", "README.md, changed"],
        ["a.ts", "src", "diff-added", "src/a.ts", "a.ts, added in src"],
        ["b.ts", "src", "diff-removed", "src/b.ts", "b.ts, deleted in src"],
      ],
    );
  });

  it("are looked at together past a number", () => {
    const names = Array.from({ length: 202 }, (_, n) => file(`f${String(n).padStart(3, "0")}`));
    const rows = fileRows(aFullSession(), names, english);
    assert.deepEqual(
      [rows.length, rows.at(-1)?.label, rows.at(-1)?.click],
      [201, "2 more files", "showChanges"],
    );
    assert.equal(fileRows(aFullSession(), names.slice(1), english).at(-1)?.label, "1 more file");
  });

  it("show a hostile name as what it is", () => {
    const [row] = fileRows(aFullSession(), [file("a\u202e\n[x](command:y)")], english);
    assert.doesNotMatch(`${row?.label ?? ""}${row?.spoken ?? ""}`, /[\n\u202e]/u);
    assert.doesNotMatch(row?.tooltip ?? "", /(?<!\\)\]\(/u);
  });
});
