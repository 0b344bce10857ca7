import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture } from "./gitFixture";

describe("GitWorktrees.publish", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  async function worked(): Promise<Worktree> {
    const made = await fixture.prepare();
    await fixture.write(join(made.path, "a.txt"), "x\n");
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    return made;
  }
  const publish = (made: Worktree): Promise<string> =>
    fixture.worktrees().publish(made, { gitHooks: false }, neverAborted);

  it("pushes the branch under its own name and nothing else", async () => {
    const origin = await fixture.addOrigin();
    const made = await worked();
    const config = await fixture.git(fixture.repo, "config", "--list", "--local");
    assert.equal(await publish(made), "origin");
    assert.equal(
      await fixture.git(origin, "for-each-ref", "--format=%(refname)"),
      `refs/heads/main\nrefs/heads/${made.branch}`,
    );
    assert.equal(
      await fixture.git(origin, "rev-parse", made.branch),
      await fixture.git(made.path, "rev-parse", "HEAD"),
    );
    assert.equal(await fixture.git(fixture.repo, "config", "--list", "--local"), config);
    assert.equal(await publish(made), "origin");
  });

  it("works with a remote address that counts from the checkout", async () => {
    await fixture.addOrigin();
    await fixture.git(fixture.repo, "remote", "set-url", "origin", "../origin.git");
    const made = await worked();
    assert.deepEqual(made.notes, []);
    assert.equal(await publish(made), "origin");
  });

  it("uses the only remote whatever its name", async () => {
    await fixture.addOrigin();
    await fixture.git(fixture.repo, "remote", "rename", "origin", "upstream");
    assert.equal(await publish(await worked()), "upstream");
  });

  it("says so when there is no remote", async () => {
    await assert.rejects(publish(await worked()), { reason: "noRemote" });
  });

  it("never overwrites what the remote has", async () => {
    const origin = await fixture.addOrigin();
    const made = await worked();
    await publish(made);
    await fixture.git(made.path, "commit", "--quiet", "--amend", "-m", "Another");
    const theirs = await fixture.git(origin, "rev-parse", made.branch);
    await assert.rejects(publish(made), {
      reason: "pushRefused",
      message: /kept here.*ever pushed with force/s,
    });
    assert.equal(await fixture.git(origin, "rev-parse", made.branch), theirs);
  });

  it("tells a refusing remote from one that is away, and one that does not answer", async () => {
    const origin = await fixture.addOrigin();
    const made = await worked();
    const waiting = join(fixture.folder, "waiting");
    await fixture.write(waiting, "");
    await fixture.write(
      join(origin, "hooks/pre-receive"),
      "#!/bin/sh\necho not on a Friday >&2\nexit 1\n",
      0o755,
    );
    await assert.rejects(publish(made), { reason: "pushRefused", message: /not on a Friday/ });
    await fixture.write(
      join(origin, "hooks/pre-receive"),
      `#!/bin/sh\nwhile [ -e '${waiting}' ]; do sleep 0.05; done\n`,
      0o755,
    );
    const hurried = fixture.worktrees({ limits: { pushMs: 500 } });
    await assert.rejects(hurried.publish(made, { gitHooks: false }, neverAborted), { reason: "timeout" });
    await rm(waiting);
    await rename(origin, `${origin}.gone`);
    await assert.rejects(publish(made), { reason: "remoteGone", message: /kept here/ });
  });
});
