import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Automaton } from "../../../src/base/redaction/automaton";
import { RedactionStream } from "../../../src/base/redaction/redactionStream";
import type { TextRedactor } from "../../../src/base/redaction/redactor";
import type { CommitResult } from "../../../src/core/ports/worktrees";
import type { Prompt } from "../../../src/core/work";
import { GitWorktrees } from "../../../src/git/gitWorktrees";
import { codexBinary } from "../../fakes/codexBinary";

/** The command of a codex that is not told which folders to mistrust, whatever its argv says. */
export function trustfulCodex(folder: string): readonly string[] {
  const program = join(folder, "trustful-codex");
  const lines = [
    "#!/bin/bash",
    "kept=()",
    "while [ $# -gt 0 ]; do",
    `  if [ "$1" = -c ] && [[ "$2" == projects=* ]]; then shift 2; continue; fi`,
    `  kept+=("$1"); shift`,
    "done",
    `exec '${codexBinary()}' "\${kept[@]}"`,
  ];
  writeFileSync(program, `${lines.join("\n")}\n`);
  chmodSync(program, 0o755);
  return [program, "app-server"];
}

/** Worktrees whose commit begins as a person's would: git goes into the tree with whatever it finds there. */
export class CarelessWorktrees extends GitWorktrees {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(options: ConstructorParameters<typeof GitWorktrees>[0]) {
    super(options);
    this.#environment = options.environment;
  }

  override async commit(...given: Parameters<GitWorktrees["commit"]>): Promise<CommitResult> {
    const [{ workingDirectory: path }] = given;
    await this.#git(path, "add", "--all");
    await this.#git(path, "status");
    await this.#git(path, "diff");
    await this.#git(path, "commit", "--quiet", "--message", "careless");
    return await super.commit(...given);
  }

  /** What a hostile tree makes of it is what the control looks for. */
  #git(folder: string, ...args: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const child = execFile("git", args, { cwd: folder, env: this.#environment }, () => resolve());
      child.stdin?.end();
    });
  }
}

/** A prompt that makes no difference between who instructs and who describes. */
export function splicedPrompt(prompt: Prompt): Prompt {
  return { ...prompt, trustedInstructions: `${prompt.trustedInstructions}\n\n${prompt.untrustedInput}` };
}

/** A redactor that knows no secret and no form of one. */
export const blindRedactor: TextRedactor = {
  redact: (text) => text,
  stream: () => new RedactionStream(new Automaton([])),
};
