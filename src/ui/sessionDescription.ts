import type { SessionView } from "../core/state";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { firstWords, oneLine } from "./safeText";
import { phaseWord } from "./sessionLook";
import { elapsedSpoken, elapsedWord, steady, tokensSpoken, tokensWord } from "./time";

const separator = " · ";
const detailLength = 80;

/** The grey text behind a session's title: what its state makes worth knowing. */
export function sessionDescription(session: SessionView, now: number, l10n: L10n): string {
  return joined(parts(session, now, l10n));
}

function parts(session: SessionView, now: number, l10n: L10n): readonly (string | undefined)[] {
  const since = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : elapsedWord(steady(now - at), l10n);
  const ago = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : l10n.t("{0} ago", elapsedWord(steady(now - at), l10n));
  const detail = session.detail === undefined ? undefined : clip(oneLine(session.detail), detailLength);
  switch (session.phase) {
    case "listed":
      return [
        l10n.t("queued {0}", elapsedWord(steady(now - session.createdAt), l10n)),
        session.releasedByPerson ? l10n.t("released by you") : undefined,
      ];
    case "claiming":
      return [l10n.t("claiming")];
    case "preparing":
      return [detail ?? l10n.t("making the worktree"), since(session.startedAt)];
    case "running":
      // A detail while it runs is a hitch, such as a model that does not answer.
      return [detail, changes(session), since(session.startedAt), tokens(session, l10n)];
    case "finishing":
      return [detail ?? l10n.t("reporting"), since(session.startedAt)];
    case "awaitingInput":
      return [
        asked(session, l10n) ?? detail ?? l10n.t("asks a question"),
        since(session.questions[0]?.askedAt ?? session.startedAt),
      ];
    case "interrupted":
      return [words(l10n.t("interrupted"), ago(session.endedAt)), kept(session, l10n)];
    case "complete":
      return [changes(session), took(session, l10n), tokens(session, l10n)];
    case "failed":
      return [
        session.detail === undefined ? l10n.t("failed") : firstWords(session.detail, 5),
        ago(session.endedAt),
      ];
    case "cancelled":
      return [words(l10n.t("cancelled in One Horizon"), ago(session.endedAt))];
    case "released":
      return [
        session.claimable ? l10n.t("queued") : undefined,
        words(
          session.releasedByPerson ? l10n.t("released by you") : l10n.t("released"),
          ago(session.endedAt),
        ),
      ];
    case "claimLost":
      return [l10n.t("claim lost"), kept(session, l10n)];
    case "elsewhere":
      return [l10n.t("by another worker")];
  }
}

function asked({ questions }: SessionView, l10n: L10n): string | undefined {
  const [first, ...others] = questions;
  if (first === undefined) return undefined;
  if (others.length > 0) return l10n.t("{0} questions", questions.length);
  return first.about === "question" ? l10n.t("asks a question") : l10n.t("asks for approval");
}

/** The state for a screen reader: phase, time, changes. With the title before it, a whole sentence. */
export function spokenState(session: SessionView, now: number, l10n: L10n): readonly (string | undefined)[] {
  const from = session.questions[0]?.askedAt ?? session.startedAt ?? session.createdAt;
  return [
    phaseWord(session.phase, l10n),
    session.endedAt === undefined
      ? l10n.t("for {0}", elapsedSpoken(steady(now - from), l10n))
      : endedSpoken(now - session.endedAt, l10n),
    changesSpoken(session, l10n),
    spokenTokens(session, l10n),
    asked(session, l10n),
    session.detail === undefined ? undefined : clip(oneLine(session.detail), 200),
  ];
}

function changes(session: SessionView): string | undefined {
  const stat = session.stat;
  if (stat === undefined || stat.added + stat.deleted + stat.files === 0) return undefined;
  return `+${stat.added} −${stat.deleted}`;
}

/** Seconds would draw the row, and all that is unfolded below it, anew each time, for words that nobody sees. */
function endedSpoken(span: number, l10n: L10n): string {
  return span < 60_000 ? l10n.t("less than a minute ago") : l10n.t("{0} ago", elapsedSpoken(span, l10n));
}

/** `120 lines added, 14 deleted in 4 files`; undefined where nothing changed. */
export function changesSpoken(session: SessionView, l10n: L10n): string | undefined {
  const stat = session.stat;
  if (stat === undefined || changes(session) === undefined) return undefined;
  const lines = stat.added === 1 ? l10n.t("1 line added") : l10n.t("{0} lines added", stat.added);
  const files = stat.files === 1 ? l10n.t("1 file") : l10n.t("{0} files", stat.files);
  return l10n.t("{0}, {1} deleted in {2}", lines, stat.deleted, files);
}

function tokens(session: SessionView, l10n: L10n): string | undefined {
  const total = session.usage?.totalTokens ?? 0;
  return total === 0 ? undefined : l10n.t("{0} tokens", tokensWord(total));
}

function spokenTokens({ usage }: SessionView, l10n: L10n): string | undefined {
  const total = usage?.totalTokens ?? 0;
  return total === 0 ? undefined : tokensSpoken(total, l10n);
}

function took(session: SessionView, l10n: L10n): string | undefined {
  if (session.startedAt === undefined || session.endedAt === undefined) return undefined;
  return l10n.t("took {0}", elapsedWord(session.endedAt - session.startedAt, l10n));
}

function kept(session: SessionView, l10n: L10n): string | undefined {
  return session.worktreePath === undefined ? undefined : l10n.t("worktree kept");
}

function words(first: string, second: string | undefined): string {
  return second === undefined ? first : `${first} ${second}`;
}

/** The parts that say something, in one line. */
export function joined(all: readonly (string | undefined)[], by = separator): string {
  return all.filter((one) => one !== undefined && one !== "").join(by);
}
