import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { Worktree } from "./ports/worktrees";
import type { Try } from "./retry";
import type { Session } from "./session";
import { StorageError, type Placed, type Prompt, type WorkContext } from "./work";

/** What the tool is told, with the texts in place that are given as files. Rejects with StorageError. */
export async function promptFor(
  deps: Placed,
  context: WorkContext,
  session: Session,
  worktree: Worktree,
  one: Try,
): Promise<Prompt> {
  const { inputs, artifacts, keepInput } = deps.made;
  const continued = one.resumeThreadId !== undefined;
  // A thread that goes on is told what came in the meantime, also while this process waited.
  const untrusted = (continued ? context.seen() : undefined) ?? session.untrusted;
  const turn = {
    continued,
    interrupted: one.interrupted,
    told: toldBefore(context, one),
    place: {
      workingDirectory: worktree.workingDirectory,
      branch: worktree.branch,
      detached: worktree.detached === true,
      baseCommit: worktree.baseCommit,
      conflicts: worktree.conflicts ?? [],
      artifactsDirectory: artifacts.path,
      inputsDirectory: inputs,
    },
  };
  const prompt = deps.prompt({ ...session, untrusted }, turn);
  // A tool that cannot go on with a thread begins a new one, which has to know all.
  const inputAnew = continued
    ? (): string =>
        deps.prompt({ ...session, untrusted }, { ...turn, continued: false, interrupted: true })
          .untrustedInput
    : undefined;
  try {
    for (const file of prompt.files) await keepInput(file);
  } catch (error) {
    throw new StorageError(
      asWritten(
        "The session's long texts could not be written: {0}. Nothing was run. Check the disk and the permissions of ~/.one.",
        messageOf(error),
      ),
    );
  }
  return { ...prompt, inputAnew };
}

/** What the thread that is continued was told; undefined where that is not known. */
function toldBefore(context: WorkContext, { resumeThreadId }: Try): readonly string[] | undefined {
  const told = context.told();
  return told?.threadId === resumeThreadId ? told?.texts : undefined;
}

/**
 * Notes that the thread has the prompt: its turn has begun. Where it is not known what a thread was told before, that stays
 * so. What the disk does not take is told once more.
 */
export async function noteTold(
  context: WorkContext,
  one: Try,
  threadId: string,
  { told }: Prompt,
): Promise<void> {
  const before = one.resumeThreadId === undefined ? [] : toldBefore(context, one);
  if (before === undefined) return;
  await context.record({ told: { threadId, texts: [...new Set([...before, ...told])] } });
}
