import { translated } from "../base/words";
import type { CleanUpCandidate, CleanUpResult } from "../core/cleanUp";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { escapeIcons, escapeLinks, oneLine } from "./safeText";
import { elapsedWord } from "./time";

/** A line of the quick pick. */
export interface CleanUpRow {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  /** Chosen from the start: nothing would be lost. */
  readonly picked: boolean;
  /** False where the worktree has to stay. */
  readonly removable: boolean;
}

/** What a person reads before a removal that drops files for good. */
export interface CleanUpQuestion {
  readonly message: string;
  readonly detail: string;
}

export interface CleanUpReport {
  readonly message: string;
  readonly failed: boolean;
  /** Command lines that bring everything back; undefined when nothing went. */
  readonly restore: string | undefined;
}

const separator = " · ";
const shownRefs = 3;

export function cleanUpRow(candidate: CleanUpCandidate, now: number, l10n: L10n): CleanUpRow {
  const { session, branch, sessionKey, stays, holdsWork, ignored } = candidate;
  const icon = stays !== undefined ? "lock" : holdsWork ? "edit" : "check";
  return {
    label: `$(${icon}) ${escapeIcons(clip(session?.title ?? sessionKey, 80))}`,
    description: escapeIcons(branch ?? l10n.t("no branch")),
    detail: escapeIcons(details(candidate, now, l10n).join(separator)),
    picked: stays === undefined && !holdsWork && ignored === 0,
    removable: stays === undefined,
  };
}

function details(candidate: CleanUpCandidate, now: number, l10n: L10n): readonly string[] {
  const { stays, gone, problem, sizeBytes, changedAt } = candidate;
  const stay = stays === undefined ? [] : [stayWord(candidate, l10n)];
  if (gone) return [...stay, l10n.t("its folder was deleted; only git's entry is left")];
  if (problem !== undefined) return [...stay, l10n.t("cannot be looked into: {0}", clip(problem, 200))];
  const age = changedAt === undefined ? [] : [l10n.t("changed {0} ago", elapsedWord(now - changedAt, l10n))];
  return [...stay, sizeWord(sizeBytes, l10n), ...age, ...contents(candidate, l10n)];
}

function stayWord({ stays, locked, inUseBy }: CleanUpCandidate, l10n: L10n): string {
  switch (stays) {
    case "locked":
      return locked === undefined || locked === ""
        ? l10n.t("locked, stays")
        : l10n.t("locked, stays: {0}", clip(oneLine(locked), 80));
    case "inUse":
      return l10n.t("process {0} works in it, stays", inUseBy[0] ?? 0);
    case "session":
    case undefined:
      return l10n.t("session not finished, stays");
  }
}

function contents(candidate: CleanUpCandidate, l10n: L10n): readonly string[] {
  const { changed, untracked, unpushed, stashes, unfinished, submodules, ignored, ignoredBytes } = candidate;
  const parts = [
    [changed, counted(changed, l10n.t("1 changed file"), l10n.t("{0} changed files", changed))],
    [untracked, counted(untracked, l10n.t("1 new file"), l10n.t("{0} new files", untracked))],
    [unpushed, counted(unpushed, l10n.t("1 unpushed commit"), l10n.t("{0} unpushed commits", unpushed))],
    [stashes, counted(stashes, l10n.t("1 stash"), l10n.t("{0} stashes", stashes))],
    [submodules, counted(submodules, l10n.t("1 submodule"), l10n.t("{0} submodules", submodules))],
  ] as const;
  const found = parts.flatMap(([count, word]) => (count > 0 ? [word] : []));
  if (unfinished !== undefined) found.push(l10n.t("a {0} is half done", unfinished));
  if (found.length === 0) found.push(l10n.t("nothing unsaved"));
  if (ignored > 0) found.push(l10n.t("{0} ignored ({1})", ignored, sizeWord(ignoredBytes, l10n)));
  return found;
}

function counted(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** `340 KiB`, `1.2 GiB`. */
export function sizeWord(bytes: number, l10n: L10n): string {
  if (bytes < 1024) return bytes === 1 ? l10n.t("1 byte") : l10n.t("{0} bytes", bytes);
  const kibibytes = bytes / 1024;
  if (kibibytes < 1024) return l10n.t("{0} KiB", Math.round(kibibytes));
  const mebibytes = kibibytes / 1024;
  if (mebibytes < 1024) {
    return l10n.t("{0} MiB", mebibytes < 10 ? mebibytes.toFixed(1) : Math.round(mebibytes));
  }
  return l10n.t("{0} GiB", (mebibytes / 1024).toFixed(1));
}

/** What is asked when ignored files are among the chosen: they are in no commit. Undefined when nothing could be lost. */
export function ignoredQuestion(
  chosen: readonly CleanUpCandidate[],
  l10n: L10n,
): CleanUpQuestion | undefined {
  const count = chosen.reduce((total, one) => total + one.ignored, 0);
  if (count === 0) return undefined;
  const bytes = chosen.reduce((total, one) => total + one.ignoredBytes, 0);
  const examples = [...new Set(chosen.flatMap((one) => one.ignoredExamples))].slice(0, 4).join(", ");
  return {
    message:
      chosen.length === 1
        ? l10n.t("Remove 1 worktree, and what git ignores in it?")
        : l10n.t("Remove {0} worktrees, and what git ignores in them?", chosen.length),
    detail: l10n.t(
      "Git ignores {0} files ({1}), such as {2}. No commit has them. Keep them in the snapshot, or drop them for good. Everything else is kept either way.",
      count,
      sizeWord(bytes, l10n),
      clip(oneLine(examples), 200),
    ),
  };
}

/** The question where nothing is lost. */
export function plainQuestion(chosen: readonly CleanUpCandidate[], l10n: L10n): CleanUpQuestion {
  return {
    message:
      chosen.length === 1 ? l10n.t("Remove 1 worktree") : l10n.t("Remove {0} worktrees", chosen.length),
    detail: l10n.t("Branches stay. What is not committed is kept in a snapshot first."),
  };
}

/** One message about all that was done. */
export function cleanUpReport(result: CleanUpResult, l10n: L10n): CleanUpReport {
  const { removed, left, notes, cancelled } = result;
  const refs = removed.flatMap((one) => [
    ...(one.snapshot === undefined ? [] : [one.snapshot]),
    ...one.moduleSnapshots,
  ]);
  const sentences: string[] = [];
  if (removed.length > 0) {
    sentences.push(
      removed.length === 1
        ? l10n.t("Removed 1 worktree; its branch is kept.")
        : l10n.t("Removed {0} worktrees; their branches are kept.", removed.length),
    );
    if (refs.length > 0) sentences.push(refSentence(refs, l10n));
  }
  if (left.length > 0) sentences.push(...left.slice(0, 2).map((one) => clip(translated(one.message), 300)));
  if (left.length > 2) {
    sentences.push(l10n.t("{0} more were left as they are; the log says why.", left.length - 2));
  }
  if (notes[0] !== undefined) sentences.push(clip(translated(notes[0]), 300));
  if (cancelled) sentences.push(l10n.t("Stopped when you cancelled; the rest is left as it is."));
  return {
    message: escapeLinks(sentences.join(" ")),
    failed: left.length + notes.length > 0,
    restore: removed.length === 0 ? undefined : removed.map((one) => one.restore).join("\n"),
  };
}

function refSentence(refs: readonly string[], l10n: L10n): string {
  const shown = refs.slice(0, shownRefs).join(", ");
  return refs.length > shownRefs
    ? l10n.t("Unsaved work is in {0} and {1} more.", shown, refs.length - shownRefs)
    : l10n.t("Unsaved work is in {0}.", shown);
}
