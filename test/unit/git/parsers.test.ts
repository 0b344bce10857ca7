import assert from "node:assert/strict";
import { sep } from "node:path";
import { parseNameStatus } from "../../../src/git/changedFiles";
import { commitMessage } from "../../../src/git/writeCommit";
import { parseNumstat } from "../../../src/git/diffStat";
import { gitEnvironment } from "../../../src/git/gitEnvironment";
import { progressReader, withoutProgress } from "../../../src/git/gitProgress";
import { GitFailure, withoutCredentials } from "../../../src/git/gitFailure";
import { toWorktreeError } from "../../../src/git/gitTrouble";
import { lockedError } from "../../../src/git/staleLock";
import { isGitName } from "../../../src/git/hostileTree";
import { isWithin } from "../../../src/git/worktreeFolder";
import { parseWorktreeList } from "../../../src/git/worktreeList";

describe("git's output", () => {
  it("numstat: files, lines, binaries, odd names", () => {
    assert.deepEqual(parseNumstat("1\t2\ta.txt\0-\t-\tb.bin\x003\t0\tnew\nline\0"), {
      files: 3,
      added: 4,
      deleted: 2,
    });
    assert.deepEqual(parseNumstat(""), { files: 0, added: 0, deleted: 0 });
  });

  it("name-status: a letter and a path, of a rename both, quoted where they have to be", () => {
    assert.deepEqual(parseNameStatus('A\ta\nD\tb c\nT\td\nR087\t"o\\tld"\t"\\303\\274"\nM\t"\\374"\n'), [
      { path: "a", rawPath: "a", status: "added" },
      { path: "b c", rawPath: "b c", status: "deleted" },
      { path: "d", rawPath: "d", status: "modified" },
      { path: "ü", rawPath: "\xc3\xbc", status: "renamed", from: { path: "o\tld", rawPath: "o\tld" } },
      { path: "\ufffd", rawPath: "\xfc", status: "modified" },
    ]);
  });

  it("progress: each percentage once, cut anywhere", () => {
    const told: string[] = [];
    const read = progressReader(({ step, percent }) => told.push(`${step} ${percent}`));
    const said =
      "Preparing worktree (new branch 'x')\nUpdating files:   1% (1/100)\rUpdating files:   1% (1/100)\rremote: Counting objects: 100% (5/5)\rremote: Counting objects: 100% (5/5), done.\nfatal: 50% (nothing)\nUpdating files: 100% (9/9)\r";
    for (const letter of said) read(Buffer.from(letter));
    assert.deepEqual(told, ["Updating files 1", "Counting objects 100", "Updating files 100"]);
    read(Buffer.from("x".repeat(1_000_000)));
    assert.equal(withoutProgress("a\nUpdating:  1% (1/2)\rUpdating: 2%\rerror: b\r\nc"), "a\nerror: b\r\nc");
  });

  it("worktree list: branch, detached, locked with and without a reason", () => {
    const blocks = [
      `worktree ${sep}a b\nHEAD 1\nbranch refs/heads/x/y`,
      `worktree ${sep}c\nHEAD 1\ndetached\nlocked`,
      `worktree ${sep}d\nHEAD 1\nbranch refs/heads/main\nlocked initializing\nprunable gone`,
    ];
    assert.deepEqual(parseWorktreeList(`${blocks.join("\n\n")}\n\n`), [
      { path: `${sep}a b`, branch: "x/y", locked: undefined },
      { path: `${sep}c`, branch: undefined, locked: "" },
      { path: `${sep}d`, branch: "main", locked: "initializing" },
    ]);
  });
});

describe("git's environment", () => {
  it("lets only the allow-list through, in any case, and no GIT_ variable", () => {
    const parent = {
      Path: "/bin",
      HOME: "/h",
      GIT_DIR: "/x",
      GIT_SSH_COMMAND: "evil",
      TOKEN: "s",
      LC_ALL: "de",
      DISPLAY: ":0",
    };
    assert.deepEqual(gitEnvironment(parent, { GIT_DIR: "/own" }), {
      Path: "/bin",
      HOME: "/h",
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LITERAL_PATHSPECS: "1",
      GCM_INTERACTIVE: "never",
      GIT_DIR: "/own",
    });
  });
});

describe("git's failures", () => {
  it("lose credentials", () => {
    const said = "fatal: unable to access 'https://ada:t0ken@host/x.git/' and ssh://git@host/y";
    assert.equal(withoutCredentials(said), "fatal: unable to access 'https://host/x.git/' and ssh://host/y");
    assert.doesNotMatch(new GitFailure("fetch", 128, said).message, /t0ken/);
    assert.equal(
      withoutCredentials("fatal: 'https://ada:t0@ken@host/x' is gone"),
      "fatal: 'https://host/x' is gone",
    );
  });

  it("are read in a time that grows with their length only", () => {
    // What grows with the square of the length does not end before the test's own limit.
    const text = "a".repeat(2_000_000);
    assert.equal(withoutCredentials(text), text);
  });

  const reasons: readonly [string, string][] = [
    ["fatal: Unable to create '/r/.git/index.lock': File exists.", "locked"],
    ["error: could not lock config file .git/config: File exists", "locked"],
    ["fatal: detected dubious ownership in repository at '/r'", "failed"],
    ["fatal: something else", "failed"],
    ["fatal: Unable to create '/r/.git/index.lock': No space left on device", "diskFull"],
    ["error: unable to write file x: File too large", "diskFull"],
    ["fatal: could not open '.git/COMMIT_EDITMSG': Read-only file system", "readOnly"],
    ["error: insufficient permission for adding an object to repository database .git/objects", "readOnly"],
    ["error: bad signature 0x00000000\nfatal: index file corrupt", "damaged"],
    ["error: object file .git/objects/ab/cd is empty", "damaged"],
    ["fatal: not a git repository: '/r/.git/worktrees/x'", "failed"],
  ];
  for (const [output, reason] of reasons) {
    it(`${output}: ${reason}`, async () => {
      const failure = new GitFailure("add", 128, output);
      const words = ["It failed", "All is kept."] as const;
      const error = toWorktreeError(await lockedError(failure, ...words, 0), ...words);
      assert.ok(error instanceof Error && "reason" in error);
      assert.equal(error.reason, reason);
      assert.match(error.message, /^It failed.*All is kept\./);
    });
  }

  it("pass other errors on as they are", () => {
    const error = new Error("x");
    assert.equal(toWorktreeError(error, "", ""), error);
  });
});

describe("names that git may take for .git", () => {
  for (const name of [
    ".git",
    ".GIT",
    ".Git",
    ".git.",
    ".git ",
    ".git . .",
    "git~1",
    "GIT~1",
    ".g\u200cit",
    ".git::$INDEX_ALLOCATION",
  ]) {
    it(JSON.stringify(name), () => assert.ok(isGitName(name)));
  }
  for (const name of [".gitignore", ".github", "git", "a.git", ".git-x", "git~2", ".gitmodules"]) {
    it(`not ${JSON.stringify(name)}`, () => assert.ok(!isGitName(name)));
  }
});

describe("isWithin", () => {
  const cases: readonly [string, string, boolean][] = [
    ["/a", "/a", true],
    ["/a", "/a/b", true],
    ["/a", "/ab", false],
    ["/a", "/a/..b", true],
    ["/a/b", "/a", false],
    ["/a", "/a/../b", false],
  ];
  for (const [folder, path, expected] of cases) {
    it(`${path} in ${folder}: ${expected}`, () => assert.equal(isWithin(folder, path), expected));
  }
});

describe("commitMessage", () => {
  it("ends with the session and cannot be made to forge another trailer", () => {
    assert.equal(
      commitMessage({ message: " Fix\0 it\n\nBody\n", sessionId: "a\nSigned-off-by: x" }),
      "Fix it\n\nBody\n\nOne-Horizon-Session: a-Signed-off-by:-x\n",
    );
    assert.equal(
      commitMessage({ message: "", sessionId: "a" }),
      "Work of a session\n\nOne-Horizon-Session: a\n",
    );
  });
});
