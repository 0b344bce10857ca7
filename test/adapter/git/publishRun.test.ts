import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists } from "./cleanUpFixture";
import { textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

describe("publishing a run's branch", () => {
  let runs: RunFixture;
  let made: Worktree;
  let ours: string;
  beforeEach(async () => {
    runs = await RunFixture.create();
    made = await runs.run();
    ours = await runs.work(made, "a.txt", "a\n");
  });
  afterEach(() => runs.remove());

  const gitIn = (path: string, ...args: string[]): Promise<string> => runs.git.git(path, ...args);
  const refs = (): Promise<string> => gitIn(runs.origin, "for-each-ref", "--format=%(refname)");
  const hook = (name: string, script: string): Promise<void> =>
    runs.git.write(join(runs.origin, "hooks", name), `#!/bin/sh\n${script}\n`, 0o755);
  const assertKept = async (): Promise<void> => {
    assert.equal(await gitIn(runs.git.repo, "rev-parse", runs.branch), ours);
    assert.equal(await gitIn(made.path, "status", "--porcelain"), "");
  };

  it("pushes that branch and nothing else, reads it back, and may be done again", async () => {
    await gitIn(runs.git.repo, "tag", "-a", "-m", "v", "v1", ours);
    await gitIn(runs.git.repo, "config", "push.followTags", "true");
    assert.deepEqual(await runs.publish(made), { remote: "origin", commit: ours, notes: [] });
    assert.equal(await refs(), `refs/heads/main\nrefs/heads/${runs.branch}`);
    assert.equal(await runs.tip(), ours);
    assert.deepEqual(await runs.publish(made), { remote: "origin", commit: ours, notes: [] });
    await runs.theirs("b.txt", "b\n");
    const again = await runs.publish(made);
    assert.equal(again.commit, await runs.tip());
  });

  it("merges what others pushed meanwhile, and never overwrites it", async () => {
    const theirs = await runs.theirs("b.txt", "b\n");
    const { commit, notes } = await runs.publish(made);
    assert.equal(
      await gitIn(made.path, "rev-list", "--parents", "-1", commit),
      `${commit} ${ours} ${theirs}`,
    );
    assert.equal(await runs.tip(), commit);
    assert.match(notes.join(), /Others pushed to runs\/fix-1/u);
    assert.equal(await textOf(join(made.path, "b.txt")), "b\n");
    assert.equal(await gitIn(made.path, "status", "--porcelain"), "");
    assert.match(await gitIn(made.path, "log", "-1", "--format=%B"), /One-Horizon-Session: s1/u);
  });

  it("merges again where others are quicker, and gives up after some rounds", async () => {
    // Each push finds that somebody was quicker: the hook moves the branch and lets git find out.
    const quick = join(runs.git.folder, "quick");
    await runs.publish(made);
    ours = await runs.work(made, "c.txt", "c\n");
    const move = (times: number) =>
      hook(
        "pre-receive",
        [
          `count=$(cat '${quick}' 2>/dev/null || echo 0)`,
          `[ "$count" -ge ${times} ] && exit 0`,
          `echo $((count + 1)) > '${quick}'`,
          "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES",
          `old=$(git rev-parse refs/heads/${runs.branch})`,
          `new=$(git -c user.name=B -c user.email=b@c commit-tree -p "$old" -m "Quick $count" "$old^{tree}")`,
          `git update-ref refs/heads/${runs.branch} "$new"`,
        ].join("\n"),
      );
    await move(2);
    const { commit } = await runs.publish(made);
    assert.equal(await runs.tip(), commit);
    assert.equal(await textOf(quick), "2\n");
    await rm(quick);
    await move(100);
    await runs.work(made, "d.txt", "d\n");
    await assertTold(runs.publish(made), "pushRefused", /in 5 rounds others pushed to it first/u);
    assert.equal(await textOf(join(made.path, "d.txt")), "d\n");
  });

  it("names the files where theirs do not go together with ours, and changes nothing", async () => {
    ours = await runs.work(made, "readme.txt", "ours\n");
    const theirs = await runs.theirs("readme.txt", "theirs\n");
    await assertTold(runs.publish(made), "conflict", /was not pushed.*"readme\.txt".*by hand/su);
    await assertKept();
    assert.equal(await runs.tip(), theirs);
    assert.equal(await textOf(join(made.path, "readme.txt")), "ours\n");
  });

  it("does not merge over changes that are not committed, nor beside a repository that the tool has left", async () => {
    await runs.theirs("b.txt", "b\n");
    await runs.git.write(join(made.path, "late.txt"), "late\n");
    await assertTold(runs.publish(made), "dirtyCheckout", /not committed.*Commit them/su);
    assert.equal(await textOf(join(made.path, "late.txt")), "late\n");
    await rm(join(made.path, "late.txt"));
    await runs.git.write(join(made.path, "deep/.git/config"), "[core]\n");
    await assertTold(runs.publish(made), "hostileTree", /was moved to/u);
    assert.equal(await exists(join(made.path, "deep/.git")), false);
    await rm(join(made.path, "deep"), { recursive: true });
    assert.equal((await runs.publish(made)).commit, await runs.tip());
  });

  it("runs no hook of the repository, unless the owner has consented", async () => {
    const trap = await runs.git.trap("pre-push");
    await gitIn(runs.git.repo, "config", "core.hooksPath", join(runs.git.folder, "hooks"));
    await runs.git.write(
      join(runs.git.folder, "hooks/pre-push"),
      `#!/bin/sh\n'${trap.command}' </dev/null\n`,
      0o755,
    );
    await runs.publish(made);
    assert.equal(await trap.sprung(), false);
    await runs.work(made, "b.txt", "b\n");
    await runs.publish(made, { gitHooks: true });
    assert.equal(await trap.sprung(), true);
  });

  describe("is refused", () => {
    it("for the default branch and the base, whatever they are called", async () => {
      await gitIn(runs.origin, "branch", "trunk", "main");
      await gitIn(runs.origin, "symbolic-ref", "HEAD", "refs/heads/trunk");
      for (const branch of ["main", "Main", "trunk"]) {
        const checkout = { kind: "run", branch, mergeBase: false } as const;
        const prepared = runs.worktrees.prepare(runs.request("s9", checkout), neverAborted);
        await assertTold(prepared, "badBranch", /never pushes that one/u);
      }
      await runs.publish(made);
      await gitIn(runs.origin, "symbolic-ref", "HEAD", `refs/heads/${runs.branch}`);
      await runs.work(made, "b.txt", "b\n");
      await assertTold(runs.publish(made), "badBranch", /never pushes that one/u);
      assert.equal(await runs.tip(), ours);
    });

    it("by a remote with rules, in the remote's words", async () => {
      await hook("pre-receive", "echo 'GH006: Protected branch update failed' >&2\nexit 1");
      await assertTold(
        runs.publish(made),
        "pushRefused",
        /GH006: Protected branch.*kept on runs\/fix-1.*rules/su,
      );
      await assertKept();
    });

    it("by a remote that cannot be written", async () => {
      await hook("pre-receive", "echo 'remote: Permission to ada/repo.git denied to bob.' >&2\nexit 1");
      await assertTold(runs.publish(made), "pushRefused", /denied to bob/u);
      await assertKept();
    });
  });

  it("tells a remote that is gone, and one that does not answer in time", async () => {
    await rename(runs.origin, `${runs.origin}.away`);
    await assertTold(runs.publish(made), "remoteGone", /cannot be reached.*git remote -v/su);
    await rename(`${runs.origin}.away`, runs.origin);
    const waiting = join(runs.git.folder, "waiting");
    await runs.git.write(waiting, "");
    await hook("pre-receive", `while [ -e '${waiting}' ]; do sleep 0.05; done\nexit 1`);
    const worktrees = runs.git.worktrees({ limits: { pushMs: 500 } });
    await runs.release(made);
    await assertTold(runs.publish(made, { worktrees }), "timeout", /origin did not answer in time/u);
    await rm(waiting);
    await assertKept();
  });

  it("believes the remote and not the push: an answer that was lost changes nothing", async () => {
    // What receives the push dies before it has answered.
    await hook("post-receive", "kill -9 $PPID");
    assert.equal((await runs.publish(made)).commit, ours);
    assert.equal(await runs.tip(), ours);
    await hook("post-receive", "git update-ref -d refs/heads/runs/fix-1");
    await runs.work(made, "b.txt", "b\n");
    await assertTold(runs.publish(made), "pushRefused", /in 5 rounds/u);
  });

  describe("over http", () => {
    let server: Server;
    let answer: number | undefined;
    beforeEach(async () => {
      server = createServer((_request, response) => {
        if (answer === undefined) return;
        response.writeHead(answer, { "www-authenticate": 'Basic realm="git"' }).end();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await gitIn(
        runs.git.repo,
        "remote",
        "set-url",
        "origin",
        `http://ada:secret@127.0.0.1:${port}/repo.git`,
      );
    });
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    for (const [status, reason, said] of [
      [401, "pushRefused", /did not let you in.*Sign in/su],
      [403, "pushRefused", /did not let you in.*ask for the right to push/su],
      [404, "remoteGone", /cannot be reached/u],
    ] as const) {
      it(`says what ${status} means, and asks nobody for a password`, async () => {
        answer = status;
        await assertTold(runs.publish(made), reason, said);
        await assert.rejects(runs.publish(made), (error: Error) => !error.message.includes("secret"));
        await assertKept();
      });
    }

    it("does not wait for one that never answers", async () => {
      answer = undefined;
      const worktrees = runs.git.worktrees({ limits: { fetchMs: 500 } });
      await assertTold(runs.publish(made, { worktrees }), "timeout", /did not answer in time/u);
    });
  });
});
