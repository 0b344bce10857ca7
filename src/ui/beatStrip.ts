import { historyMs, staleMs, type BeatMark } from "../core/beatHistory";
import type { L10n } from "./l10n";

/** One character of the strip stands for this long, milliseconds. */
const bucketMs = 10_000;

/** What is seen of a bucket; told apart by shape, since colours are not for everybody. */
const marks = { accepted: "▇", late: "▄", failed: "×", none: "▁" } as const;

type Kind = keyof typeof marks;

/** The beats of the last five minutes for the eye and for the ear. */
export interface BeatStrip {
  /** One character for each ten seconds, the newest last. */
  readonly strip: string;
  readonly accepted: number;
  readonly late: number;
  readonly failed: number;
}

/** Undefined while no beat is known. The buckets keep to full tens of seconds, so that the strip moves in steps. */
export function beatStrip(beats: readonly BeatMark[], now: number): BeatStrip | undefined {
  const known = beats.filter(({ at }) => at <= now && now - at < historyMs);
  if (known.length === 0) return undefined;
  const newest = Math.floor(now / bucketMs) * bucketMs;
  const starts = Array.from(
    { length: historyMs / bucketMs },
    (_, index) => newest - historyMs + (index + 1) * bucketMs,
  );
  const count = (kind: BeatMark["kind"]): number => known.filter((one) => one.kind === kind).length;
  return {
    strip: starts.map((from) => marks[bucketKind(known, from, Math.min(from + bucketMs, now))]).join(""),
    accepted: count("accepted"),
    late: count("late"),
    failed: count("failed"),
  };
}

/** The worst of a bucket. An empty one between two beats in time is none that was missed. */
function bucketKind(beats: readonly BeatMark[], from: number, to: number): Kind {
  const inside = beats.filter(({ at }) => at >= from && at < from + bucketMs);
  if (inside.some(({ kind }) => kind === "failed")) return "failed";
  if (inside.some(({ kind }) => kind === "late")) return "late";
  if (inside.length > 0) return "accepted";
  const before = beats.findLast(({ at }) => at < from);
  const inTime = before !== undefined && before.kind !== "failed" && to - before.at <= staleMs;
  return inTime ? "accepted" : "none";
}

/** The strip in words, with what its marks mean where others than the usual one are in it. */
export function beatSentence({ strip, accepted, late, failed }: BeatStrip, l10n: L10n): string {
  const parts = [
    accepted === 1 ? l10n.t("1 accepted") : l10n.t("{0} accepted", accepted),
    ...(late > 0 ? [l10n.t("{0} late ({1})", late, marks.late)] : []),
    ...(failed > 0 ? [l10n.t("{0} failed ({1})", failed, marks.failed)] : []),
    // What lies before the first beat is no silence.
    ...(strip.replace(/^▁+/, "").includes(marks.none) ? [l10n.t("none where {0} stands", marks.none)] : []),
  ];
  return l10n.t("Heartbeats of the last 5 minutes: {0}", parts.join(", "));
}
