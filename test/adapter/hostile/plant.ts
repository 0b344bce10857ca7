import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exec, items, patch, say, type ModelStep } from "../../fakes/fakeModel";
import type { HostileCase } from "../../fakes/hostileCases";
import { git, type CodexLab } from "../runtime/codexLab";

/** Names in double braces that stand for what is known only on the stage. */
export type Names = Readonly<Record<string, string>>;

export function named(text: string, names: Names): string {
  return text.replace(/\{\{(\w+)\}\}/gu, (_whole, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`nothing is called {{${name}}}`);
    return value;
  });
}

/** Puts the case's files into the repository, which is then committed, and into the user's home. */
export function plant(lab: CodexLab, one: HostileCase, names: Names): void {
  for (const [path, file] of Object.entries(one.home)) put(join(lab.home, path), file, names);
  for (const [path, file] of Object.entries(one.tracked)) {
    put(join(lab.project, named(path, names)), file, names);
  }
  writeFileSync(join(lab.project, ".gitignore"), "ignored/\n");
  mkdirSync(join(lab.project, one.folder), { recursive: true });
  writeFileSync(join(lab.project, one.folder, "notes.txt"), "notes\n");
  git(lab.project, "add", "--all");
  git(lab.project, "commit", "-q", "-m", "what a stranger brought");
  for (const [key, value] of Object.entries(one.gitConfig)) {
    git(lab.project, "config", key, named(value, names));
  }
  const { keys, tables } = one.codexConfig;
  lab.appendConfig(named(keys, names), named(tables, names));
}

function put(path: string, file: HostileCase["tracked"][string], names: Names): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof file === "string") writeFileSync(path, named(file, names));
  else if ("link" in file) symlinkSync(named(file.link, names), path);
  else {
    writeFileSync(path, named(file.program, names));
    chmodSync(path, 0o755);
  }
}

/** What the model answers, and the names in it. */
export function stepsOf(one: HostileCase): readonly ModelStep[] {
  return one.model.map((step) => {
    if ("say" in step) return items(say(step.say));
    if ("patch" in step) return items(patch(step.patch));
    const asks =
      step.escalated === true ? { sandbox_permissions: "require_escalated", justification: "May I?" } : {};
    // Told to its end, however slow the machine is.
    return items(exec(step.run, { yield_time_ms: 60_000, max_output_tokens: 20_000, ...asks }));
  });
}
