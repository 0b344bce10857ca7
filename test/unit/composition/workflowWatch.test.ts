import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onDispose } from "../../../src/base/disposable";
import { WorkflowWatch } from "../../../src/composition/workflowWatch";
import { ManualClock } from "../../fakes/manualClock";

describe("the watch over the workflow file", () => {
  let folder: string;
  let clock: ManualClock;
  let path: string | undefined;
  let changes: number;
  let watch: WorkflowWatch;
  const watched = new Map<string, () => void>();

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "oh-watch-")));
    clock = new ManualClock();
    changes = 0;
    await mkdir(join(folder, "docs"));
    path = join(folder, "WORKFLOW.md");
    await writeFile(path, "one");
    watch = new WorkflowWatch({
      clock,
      path: () => path,
      watch: (place, onChange) => {
        assert.ok(!watched.has(place), place);
        watched.set(place, onChange);
        return onDispose(() => watched.delete(place));
      },
      onError: (error) => assert.fail(String(error)),
    });
    watch.onDidChange(() => (changes += 1));
    await untilWatched("WORKFLOW.md");
    changes = 0;
  });
  afterEach(async () => {
    watch.dispose();
    assert.equal(watched.size, 0);
    await rm(folder, { recursive: true, force: true });
  });

  const untilWatched = async (...names: string[]): Promise<void> => {
    const wanted = names.map((name) => join(folder, name)).sort();
    while ([...watched.keys()].sort().join() !== wanted.join()) await turn();
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const hear = (name: string): void => watched.get(join(folder, name))?.();

  it("tells of a change once, when the file has come to rest", async () => {
    for (let n = 0; n < 5; n += 1) {
      hear("WORKFLOW.md");
      await clock.advance(100);
    }
    assert.equal(changes, 0);
    await clock.advance(200);
    assert.equal(changes, 1);
  });

  it("goes on with a file that was replaced, removed and made again", async () => {
    await writeFile(join(folder, "new"), "two");
    await rename(join(folder, "new"), join(folder, "WORKFLOW.md"));
    hear("WORKFLOW.md");
    await clock.advance(200);
    await unlink(join(folder, "WORKFLOW.md"));
    hear("WORKFLOW.md");
    await clock.advance(200);
    await writeFile(join(folder, "WORKFLOW.md"), "three");
    hear("WORKFLOW.md");
    await clock.advance(200);
    assert.equal(changes, 3);
    await untilWatched("WORKFLOW.md");
  });

  it("follows a link to where it leads, and to where it leads next", async () => {
    await writeFile(join(folder, "docs", "a.md"), "a");
    await writeFile(join(folder, "docs", "b.md"), "b");
    for (const target of ["a.md", "b.md"]) {
      await unlink(join(folder, "WORKFLOW.md"));
      await symlink(join("docs", target), join(folder, "WORKFLOW.md"));
      hear("WORKFLOW.md");
      await clock.advance(200);
      await untilWatched("WORKFLOW.md", join("docs", target));
    }
    hear(join("docs", "b.md"));
    await clock.advance(200);
    assert.equal(changes, 3);
  });

  it("tells when another file is meant, or none", async () => {
    path = join(folder, "docs", "flow.md");
    watch.renew();
    await untilWatched(join("docs", "flow.md"));
    assert.equal(changes, 1);
    path = undefined;
    watch.renew();
    await untilWatched();
    assert.equal(changes, 2);
    watch.renew();
    await turn();
    assert.equal(changes, 2);
  });
});
