import type { ListedWorker } from "../core/ports/platform";
import type { RunView } from "../core/runView";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { escapeIcons } from "./safeText";

/** Where work can be handed to: exactly one of the two. */
export type DelegateTarget =
  | { readonly targetWorkerId: string; readonly targetGroupId: undefined }
  | { readonly targetWorkerId: undefined; readonly targetGroupId: string };

/** A target as a quick pick shows it. Foreign text in it draws no icons. */
export interface TargetChoice {
  readonly label: string;
  readonly description: string;
  readonly target: DelegateTarget;
}

const nameLength = 100;

/**
 * The workspace's groups and workers that work can go to: where the run goes next first, this worker itself last.
 * @param ownId this worker.
 */
export function targetChoices(
  workers: readonly ListedWorker[],
  ownId: string | undefined,
  next: RunView["nextTarget"],
  l10n: L10n,
): readonly TargetChoice[] {
  const rank = (one: TargetChoice): number =>
    isNext(one.target, next) ? 0 : isOwn(one.target, ownId) ? 2 : 1;
  return [...groupChoices(workers, next, l10n), ...workerChoices(workers, ownId, next, l10n)].toSorted(
    (a, b) => rank(a) - rank(b),
  );
}

function groupChoices(
  workers: readonly ListedWorker[],
  next: RunView["nextTarget"],
  l10n: L10n,
): readonly TargetChoice[] {
  const counts = new Map<string, number>();
  for (const { groupId } of workers) {
    if (groupId !== undefined) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
  }
  return [...counts].map(([groupId, count]) => {
    const target = { targetWorkerId: undefined, targetGroupId: groupId };
    const size = count === 1 ? l10n.t("group of 1 worker") : l10n.t("group of {0} workers", count);
    return choice("organization", groupId, [size, nextWord(target, next, l10n)], target);
  });
}

function workerChoices(
  workers: readonly ListedWorker[],
  ownId: string | undefined,
  next: RunView["nextTarget"],
  l10n: L10n,
): readonly TargetChoice[] {
  return workers.map(({ workerId, name, status }) => {
    const target = { targetWorkerId: workerId, targetGroupId: undefined };
    const self = workerId === ownId ? l10n.t("this worker") : undefined;
    return choice("vm", name, [self, status, nextWord(target, next, l10n)], target);
  });
}

function choice(
  icon: string,
  name: string,
  words: readonly (string | undefined)[],
  target: DelegateTarget,
): TargetChoice {
  const description = words.filter((one) => one !== undefined && one !== "").join(" · ");
  return {
    label: `$(${icon}) ${escapeIcons(clip(name, nameLength))}`,
    description: escapeIcons(clip(description, nameLength)),
    target,
  };
}

function nextWord(target: DelegateTarget, next: RunView["nextTarget"], l10n: L10n): string | undefined {
  return isNext(target, next) ? l10n.t("the run's next step") : undefined;
}

function isNext(target: DelegateTarget, next: RunView["nextTarget"]): boolean {
  return (
    next !== undefined &&
    next.targetWorkerId === target.targetWorkerId &&
    next.targetGroupId === target.targetGroupId
  );
}

function isOwn({ targetWorkerId }: DelegateTarget, ownId: string | undefined): boolean {
  return targetWorkerId !== undefined && targetWorkerId === ownId;
}
