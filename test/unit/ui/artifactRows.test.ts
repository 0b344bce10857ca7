import assert from "node:assert/strict";
import type { ShownArtifact } from "../../../src/core/artifactNotes";
import { artifactRows } from "../../../src/ui/artifactRows";
import { givenArtifact } from "../../../src/ui/sessionTargets";
import { changedRows } from "../../fakes/treeRows";
import { aSession, english } from "./kit";

const shot: ShownArtifact = {
  artifactId: "a1",
  name: "shot.png",
  size: 20_480,
  mediaType: "image/png",
  state: "uploaded",
  why: undefined,
  url: undefined,
};
const rowsOf = (...artifacts: readonly ShownArtifact[]): ReturnType<typeof artifactRows> =>
  artifactRows(aSession({ artifacts }), english);

describe("the files that a session left", () => {
  it("stand below it with name and size, and open at a click", () => {
    const [group] = rowsOf(shot);
    assert.equal(group?.label, "Artifacts");
    assert.equal(group.spoken, "1 artifact");
    const [row] = group.children;
    assert.deepEqual([row?.label, row?.description, row?.icon?.id], ["shot.png", "20 KiB", "file-media"]);
    assert.equal(row?.opens, "a1");
    assert.equal(row.spoken, "shot.png, 20 KiB");
  });

  it("are no row where there are none", () => assert.deepEqual(rowsOf(), []));

  for (const [state, description, icon] of [
    ["waiting", "20 KiB · uploading", "file-media"],
    ["sending", "20 KiB · uploading", "file-media"],
    ["failed", "20 KiB · not uploaded", "warning"],
    ["unknown", "20 KiB · upload uncertain", "warning"],
  ] as const) {
    it(`say where their upload stands: ${state}`, () => {
      const [row] =
        rowsOf({ ...shot, state, why: "the platform [refused](command:x) it" })[0]?.children ?? [];
      assert.deepEqual([row?.description, row?.icon?.id], [description, icon]);
      assert.match(row?.tooltip ?? "", /Not uploaded/u);
      assert.doesNotMatch(row?.tooltip ?? "", /[^\\]\]\(/u);
    });
  }

  it("include those that were refused, which nothing opens", () => {
    const refused = { ...shot, artifactId: undefined, size: undefined, mediaType: undefined } as const;
    const [group] = rowsOf(shot, { ...refused, state: "refused", name: "all.zip", why: "no" });
    assert.equal(group?.description, "1");
    const row = group.children[1];
    assert.deepEqual([row?.label, row?.description, row?.opens], ["all.zip", "not uploaded", undefined]);
  });

  it("are drawn anew when another file takes a row's place", () => {
    const before = rowsOf(shot);
    assert.deepEqual(changedRows(before, rowsOf(shot)), []);
    assert.deepEqual(changedRows(before, rowsOf({ ...shot, state: "failed" })), ["artifact:s1:a1"]);
  });

  it("are told by their row and by nothing else", () => {
    assert.deepEqual(givenArtifact({ sessionId: "s1", artifactId: "a1" }), {
      sessionId: "s1",
      artifactId: "a1",
    });
    for (const wrong of [
      undefined,
      null,
      1,
      {},
      { sessionId: "s1" },
      { artifactId: "a1" },
      { sessionId: "s1", artifactId: 1 },
    ]) {
      assert.equal(givenArtifact(wrong), undefined);
    }
  });
});
