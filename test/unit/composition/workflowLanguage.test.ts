import assert from "node:assert/strict";
import { mkdtemp, realpath, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workflowLanguage } from "../../../src/composition/workflowLanguage";

const broken = "---\nclaim:\n  leaseSeconds: soon\nfuture: 1\n---\n";

describe("the marks of the workflow file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "oh-language-")));
    await writeFile(join(folder, "WORKFLOW.md"), "Be kind.\n");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const marks = async (text: string, saved: boolean): Promise<readonly string[]> => {
    const language = workflowLanguage({
      home: "/home/ada",
      folder: () => folder,
      setting: () => "WORKFLOW.md",
    });
    const found = await language.marks(text, saved);
    return found.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`);
  };

  it("are errors for wrong values and warnings for unknown keys, of the text as it is in the editor", async () => {
    const found = await marks(broken, false);
    assert.equal(found.length, 2);
    assert.match(found[0] ?? "", /^error 3:17 claim\.leaseSeconds must be .* Without this key: 900\.$/);
    assert.match(found[1] ?? "", /^warning 4:1 future is not a key/);
    assert.deepEqual(await marks("---\nclaim: {leaseSeconds: 60}\n---\n", true), []);
  });

  it("are none for a file that was removed, until somebody writes it anew", async () => {
    await unlink(join(folder, "WORKFLOW.md"));
    assert.deepEqual(await marks(broken, true), []);
    assert.equal((await marks(broken, false)).length, 2);
  });

  it("say why the file is not read at all", async () => {
    await unlink(join(folder, "WORKFLOW.md"));
    await symlink("/etc/hostname", join(folder, "WORKFLOW.md"));
    assert.deepEqual(await marks("anything", true), [
      "error 1:1 The workflow file is a link that leads out of the opened folder, so it is not read.",
    ]);
  });

  it("are none without a folder", async () => {
    const language = workflowLanguage({
      home: "/home/ada",
      folder: () => undefined,
      setting: () => "WORKFLOW.md",
    });
    assert.deepEqual(await language.marks(broken, true), []);
  });
});
