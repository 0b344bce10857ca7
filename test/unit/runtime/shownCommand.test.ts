import assert from "node:assert/strict";
import { shownCommand } from "../../../src/runtime/codex/shownCommand";

describe("a command as a person is shown it", () => {
  const unwrapped: readonly (readonly [command: string, shown: string])[] = [
    ["/bin/bash -lc ls", "ls"],
    ["/bin/bash -lc 'cat a | tee b'", "cat a | tee b"],
    ["/usr/bin/zsh -c 'rm -rf x'", "rm -rf x"],
    [`/bin/bash -lc "echo 'it is'"`, "echo 'it is'"],
    [`/bin/bash -lc "echo \\"\\$HOME\\" 'x'"`, `echo "$HOME" 'x'`],
    [`/bin/bash -lc 'echo '"'"'x'"'"''`, "echo 'x'"],
    [`/bin/sh -c 'one\ntwo'`, "one\ntwo"],
    [`/bin/sh -c "a\\b"`, "a\\b"],
  ];
  for (const [command, shown] of unwrapped) {
    it(`is what the shell gets: ${command}`, () => assert.equal(shownCommand(command), shown));
  }

  const whole: readonly string[] = [
    "touch x",
    "./bash -lc 'ls'",
    "/tmp/bin/bash -lc ls",
    "bash -lc ls",
    "/bin/bash -lc ls x",
    "/bin/bash -lc 'ls' x",
    `/bin/bash -lc "$(touch x)"`,
    "/bin/bash -lc ls;rm",
    "/bin/bash -lc 'open",
    "/bin/bash -ic ls",
    "/bin/bash -lc ",
  ];
  for (const command of whole) {
    it(`is all of it: ${command}`, () => assert.equal(shownCommand(command), command));
  }
});
