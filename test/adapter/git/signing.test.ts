import assert from "node:assert/strict";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists } from "./cleanUpFixture";
import { textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

/** As gpg answers git: a signature on its output, and on its status that it was made. */
const signs =
  "cat >/dev/null\necho '-----BEGIN PGP SIGNATURE-----'\necho fake\necho '-----END PGP SIGNATURE-----'\necho '[GNUPG:] SIG_CREATED ' >&2\n";

describe("signed commits", () => {
  let runs: RunFixture;
  let made: Worktree;
  beforeEach(async () => {
    runs = await RunFixture.create();
    made = await runs.run();
    await runs.git.write(join(made.path, "a.txt"), "a\n");
  });
  afterEach(() => runs.remove());

  const config = (...args: string[]): Promise<string> => runs.git.git(runs.git.repo, "config", ...args);
  const signed = (revision: string): Promise<string> =>
    runs.git.git(made.path, "cat-file", "commit", revision);

  /** A program that notes its arguments and then does `script`. */
  async function program(
    name: string,
    script: string,
  ): Promise<{ path: string; args: () => Promise<string | undefined> }> {
    const path = join(runs.git.folder, "programs", name);
    const args = join(runs.git.folder, `args-of-${name}`);
    await runs.git.write(path, `#!/bin/sh\necho "$@" > '${args}'\n${script}`, 0o755);
    return { path, args: () => textOf(args) };
  }

  it("are made with the user's gpg, which may ask nobody", async () => {
    const gpg = await program("gpg", signs);
    await config("--global", "gpg.program", gpg.path);
    await config("commit.gpgSign", "true");
    await config("user.signingKey", "0xADA");
    assert.match(await signed(await runs.commit(made)), /gpgsig -----BEGIN PGP SIGNATURE-----/u);
    assert.match((await gpg.args()) ?? "", /^--batch --pinentry-mode error --status-fd=2 -bsau 0xADA/u);
  });

  it("are merges, too", async () => {
    const gpg = await program("gpg2", signs);
    await config("--global", "gpg.program", gpg.path);
    await config("--global", "commit.gpgSign", "true");
    await runs.commit(made);
    await runs.theirs("b.txt", "b\n");
    const { commit } = await runs.publish(made);
    assert.match(await signed(commit), /^parent .*\nparent .*\n/mu);
    assert.match(await signed(commit), /gpgsig/u);
  });

  it("are made with a program of another name as it is, and with the format's own", async () => {
    const smart = await program("smartcard", signs);
    await config("--global", "gpg.openpgp.program", smart.path);
    await config("--global", "commit.gpgSign", "1");
    await runs.commit(made);
    assert.match((await smart.args()) ?? "", /^--status-fd=2 -bsau/u);
    const ssh = await program("ssh-sign", 'for last; do :; done\necho signature > "$last.sig"\n');
    await config("--global", "gpg.ssh.program", ssh.path);
    await config("--global", "gpg.format", "ssh");
    await config("--global", "user.signingKey", join(runs.git.home, "key"));
    await runs.git.write(join(runs.git.home, "key"), "private\n");
    await runs.git.write(join(made.path, "b.txt"), "b\n");
    assert.match(await signed(await runs.commit(made)), /gpgsig signature/u);
    assert.match((await ssh.args()) ?? "", /-Y sign -n git/u);
  });

  it("are never made with a program that the repository's config or a file in the tree names", async () => {
    const planted = await program("planted", signs);
    const gpg = await program("gpg", signs);
    await config("--global", "gpg.program", gpg.path);
    await config("commit.gpgSign", "true");
    await config("gpg.program", planted.path);
    await config("gpg.openpgp.program", planted.path);
    await config("--global", "--add", "include.path", join(made.path, "tree.gitconfig"));
    await runs.git.write(
      join(made.path, "tree.gitconfig"),
      `[gpg]\n\tprogram = ${planted.path}\n\tformat = ssh\n[gpg "ssh"]\n\tprogram = ${planted.path}\n`,
    );
    assert.match(await signed(await runs.commit(made)), /gpgsig/u);
    assert.equal(await planted.args(), undefined);
    assert.notEqual(await gpg.args(), undefined);
  });

  it("are not asked for by a file in the tree", async () => {
    await config("--global", "include.path", join(made.path, "tree.gitconfig"));
    await runs.git.write(join(made.path, "tree.gitconfig"), "[commit]\n\tgpgSign = true\n");
    assert.doesNotMatch(await signed(await runs.commit(made)), /gpgsig/u);
  });

  it("fail clearly where the key needs its passphrase, and the work is kept", async () => {
    const gpg = await program("gpg", "echo 'gpg: signing failed: No pinentry' >&2\nexit 2\n");
    await config("--global", "gpg.program", gpg.path);
    await config("commit.gpgSign", "true");
    await assertTold(
      runs.commit(made),
      "signing",
      /could not be signed.*staged.*git commit -S.*claim the session again/su,
    );
    assert.equal(await textOf(join(made.path, "a.txt")), "a\n");
    assert.equal(await runs.git.git(made.path, "rev-parse", "HEAD"), made.headCommit);
    await config("commit.gpgSign", "false");
    await runs.commit(made);
    await config("commit.gpgSign", "true");
    const ours = await runs.git.git(made.path, "rev-parse", "HEAD");
    await runs.theirs("b.txt", "b\n");
    await assertTold(runs.publish(made), "signing", /The merge was undone/u);
    assert.equal(await runs.git.git(made.path, "rev-parse", "HEAD"), ours);
    assert.equal(await runs.git.git(made.path, "status", "--porcelain"), "");
    assert.equal(await exists(join(made.path, "b.txt")), false);
  });

  it("do not wait for a program that waits", async () => {
    const slow = await program("slow", "while kill -0 $PPID; do sleep 0.1; done\n");
    await config("--global", "gpg.program", slow.path);
    await config("--global", "commit.gpgSign", "true");
    const worktrees = runs.git.worktrees({ limits: { commitMs: 500 } });
    const committing = worktrees.commit(made, runs.git.commitOptions("s1"), neverAborted);
    await assertTold(committing, "signing", /not signed in time.*passphrase/su);
    assert.equal(await textOf(join(made.path, "a.txt")), "a\n");
  });
});
