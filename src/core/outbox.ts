import type { Activity, ActivityType, SessionMetadata } from "./ports/platform";

/** A line that was said and not yet sent. */
export interface Said {
  readonly entryId: string;
  readonly type: ActivityType;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Said under a name that stands for what it says: said again under it, also by a later process, it is left out. */
  readonly once?: string | undefined;
}

/** One step in the life of a report. The order on the disk is the order of the reports. */
export type OutboxEntry =
  | { readonly kind: "said"; readonly said: Said }
  /** Written before the activity leaves: after a crash it leaves again, the same in every byte. */
  | { readonly kind: "sending"; readonly activity: Activity; readonly covers: readonly string[] }
  /** `sequence` is the claim's last one from now on. */
  | { readonly kind: "accepted"; readonly activityId: string; readonly sequence: number }
  /** The platform refuses what the content cannot mend: left out, its number is used again. */
  | { readonly kind: "refused"; readonly activityId: string }
  | { readonly kind: "noted"; readonly metadata: SessionMetadata }
  | { readonly kind: "patched"; readonly metadata: SessionMetadata }
  /** A new claim on the same session takes over what the old one could not tell. */
  | { readonly kind: "carried"; readonly from: OutboxState }
  /** All of it anew, after the disk could not take an entry. */
  | { readonly kind: "restated"; readonly state: OutboxState };

export interface OutboxState {
  /** The last sequence that the platform accepted under this claim; 0 before the first. */
  readonly sequence: number;
  readonly waiting: readonly Said[];
  /** How many lines were left out since the last activity, because too many waited. */
  readonly leftOut: number;
  /** May have been stored by the platform already: sent again before anything else. */
  readonly sending: Activity | undefined;
  /** Noted and not yet accepted. */
  readonly metadata: SessionMetadata;
  /** What the platform has of it. */
  readonly patched?: SessionMetadata | undefined;
  /** What was carried may have been stored under either claim, so the platform's number may be ahead of `sequence`. */
  readonly unsure: boolean;
  /** The names of what is said once and has been. */
  readonly told?: readonly string[] | undefined;
}

export const emptyOutbox: OutboxState = {
  sequence: 0,
  waiting: [],
  leftOut: 0,
  sending: undefined,
  metadata: {},
  unsure: false,
};

/** How many lines wait at most: past that the oldest progress lines are counted, not kept. */
const waitingLimit = 200;

/** Pure: the outbox after one more entry. */
export function applyOutbox(state: OutboxState, entry: OutboxEntry): OutboxState {
  switch (entry.kind) {
    case "said":
      return withSaid(state, entry.said);
    case "sending":
      return {
        ...state,
        sending: entry.activity,
        waiting: state.waiting.filter((said) => !entry.covers.includes(said.entryId)),
        leftOut: entry.covers.length > 0 ? 0 : state.leftOut,
      };
    case "accepted":
      return {
        ...state,
        sequence: entry.sequence,
        unsure: state.unsure && entry.sequence <= state.sequence,
        sending: state.sending?.activityId === entry.activityId ? undefined : state.sending,
      };
    case "refused":
      return {
        ...state,
        sending: state.sending?.activityId === entry.activityId ? undefined : state.sending,
      };
    case "noted":
      return { ...state, metadata: { ...withoutStatus(state.metadata, entry.metadata), ...entry.metadata } };
    case "patched":
      return {
        ...state,
        metadata: without(state.metadata, entry.metadata),
        patched: { ...state.patched, ...entry.metadata },
      };
    case "carried":
      return {
        ...entry.from,
        sequence: 0,
        // Somebody else may have written over it meanwhile.
        patched: undefined,
        sending: entry.from.sending && { ...entry.from.sending, sequence: 1 },
        unsure: entry.from.sending !== undefined,
      };
    case "restated":
      return entry.state;
  }
}

function withSaid(before: OutboxState, said: Said): OutboxState {
  const { once } = said;
  const told = before.told ?? [];
  if (once !== undefined && told.includes(once)) return before;
  const state = once === undefined ? before : { ...before, told: [...told, once] };
  const waiting = [...state.waiting, said];
  if (waiting.length <= waitingLimit) return { ...state, waiting };
  const oldest = waiting.findIndex((one) => one.type === "progress");
  waiting.splice(Math.max(0, oldest), 1);
  return { ...state, waiting, leftOut: state.leftOut + 1 };
}

/** A status goes with its own companions alone: those of the one before it do not fit it. */
function withoutStatus(metadata: SessionMetadata, next: SessionMetadata): SessionMetadata {
  if (next.status === undefined) return metadata;
  const { status: _status, inputRequest: _request, consumedResumeInputId: _consumed, ...rest } = metadata;
  return rest;
}

/** The fields whose value is still another one than what was accepted. */
function without(metadata: SessionMetadata, accepted: SessionMetadata): SessionMetadata {
  const done = new Map(Object.entries(accepted).map(([key, value]) => [key, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => done.get(key) !== JSON.stringify(value)),
  );
}
