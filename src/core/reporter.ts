import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { fullJitterMs } from "../base/backoff";
import type { Random } from "../base/random";
import { messageLimit, takeBurst } from "./burst";
import { claimGoneMessage, isClaimGone, LeaseLost } from "./lease";
import type { OutboxLog } from "./outboxLog";
import { PlatformError, refusesContent, type PlatformErrorReason } from "./platformError";
import type { Activity, ActivityType, SessionMetadata } from "./ports/platform";
import { clip, wholeMarkdown } from "./text";

/** At most one patch and one activity leave per second and session, also at its end; what comes in between is summed up. */
const pauseMs = 1000;

/** How far the noted number may be behind where the journal was lost, or its disk did not take every note. */
const searchLimit = 20;

/** The session enters and leaves a status again and again, each time with the same words. */
const ofStatus: ReadonlySet<string> = new Set(["status", "inputRequest", "consumedResumeInputId"]);

export interface ReporterDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessionId: string;
  /** What was said and told under this claim, also by an earlier process. */
  readonly outbox: OutboxLog;
  readonly sendActivity: (activity: Activity, signal: AbortSignal) => Promise<"stored" | "known">;
  readonly sendMetadata: (metadata: SessionMetadata, signal: AbortSignal) => Promise<void>;
  readonly onAccepted: (activity: Activity) => void;
  /** An earlier process may have used this claim. */
  readonly continued: boolean;
}

/** The activity after which only the finish comes. */
export interface LastActivity {
  readonly activityId: string;
  readonly type: ActivityType;
  readonly text: string;
}

/**
 * Tells the platform about one claim, in order: activities with rising sequence and a stable id each, metadata merged and
 * only what changed. What is told is noted before it leaves, so that a later process goes on where this one ended. Nothing
 * is sent after the reporter's signal aborts.
 */
export class Reporter {
  readonly #deps: ReporterDeps;
  /** After a restart the number may be behind: an activity that is refused for its number looks for a later one. */
  #searching: boolean;
  #last: LastActivity | undefined;
  #lastPlan = "";
  #wake: (() => void) | undefined;
  #idle: (() => void)[] = [];
  #busy = false;
  #closed = false;
  #lastSentAt = -Infinity;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#searching = deps.continued;
  }

  /** @param once a name for what is said: nothing else is told under it, in no process. */
  tell(type: ActivityType, text: string, once?: string): void {
    const trimmed = text.trim();
    if (trimmed === "") return;
    const { outbox, random, clock, log, sessionId } = this.#deps;
    if (this.#closed) {
      log.info("nothing is told after the last report", { sessionId, type });
      return;
    }
    // A plan that was told is news only once it has changed.
    if (type === "plan" && trimmed === this.#lastPlan) return;
    if (type === "plan") this.#lastPlan = trimmed;
    const said = {
      entryId: random.uuid(),
      type,
      text: wholeMarkdown(trimmed, messageLimit),
      at: clock.now(),
      once,
    };
    void outbox.add({ kind: "said", said });
    this.#wake?.();
  }

  note(metadata: SessionMetadata): void {
    const changed = this.#changed(metadata, this.#deps.outbox.state.metadata);
    if (Object.keys(changed).length === 0) return;
    void this.#deps.outbox.add({ kind: "noted", metadata: changed });
    this.#wake?.();
  }

  /** From now on only the last activity is added: nothing may come between it and the finish. */
  close(): void {
    this.#closed = true;
  }

  /** Everything told so far, then this one, which needs no note of its own: told again under its id it is stored once. */
  async tellLast(last: LastActivity): Promise<void> {
    this.close();
    this.#last = last;
    await this.flush();
  }

  /** Resolves when everything told so far has left. */
  async flush(): Promise<void> {
    if (!this.#busy && !this.#hasWork()) return;
    const done = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#wake?.();
    await done;
  }

  /** Sends until the signal aborts. Throws LeaseLost when the platform refuses the claim. */
  async run(signal: AbortSignal): Promise<never> {
    const { outbox, clock } = this.#deps;
    for (;;) {
      signal.throwIfAborted();
      if (!this.#hasWork()) {
        await this.#rest(signal);
        continue;
      }
      await this.#pause(signal);
      this.#busy = true;
      try {
        this.#lastSentAt = clock.monotonic();
        // What was on its way when an earlier process ended comes before anything else.
        if (outbox.state.sending !== undefined) {
          await this.#sendNoted(signal);
          continue;
        }
        if (this.#hasMetadata()) await this.#sendMetadata(signal);
        await this.#sendNext(signal);
      } finally {
        this.#busy = false;
      }
    }
  }

  #hasWork(): boolean {
    const { sending, waiting } = this.#deps.outbox.state;
    return sending !== undefined || waiting.length > 0 || this.#last !== undefined || this.#hasMetadata();
  }

  #hasMetadata(): boolean {
    return Object.keys(this.#deps.outbox.state.metadata).length > 0;
  }

  async #rest(signal: AbortSignal): Promise<void> {
    for (const resolve of this.#idle.splice(0)) resolve();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void =>
        reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      this.#wake = () => {
        signal.removeEventListener("abort", onAbort);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  async #sendMetadata(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#deps;
    const noted = outbox.state.metadata;
    const changed = this.#changed(noted, {});
    if (Object.keys(changed).length > 0) {
      await this.#deliver("metadata", signal, () => this.#deps.sendMetadata(changed, signal));
    }
    await outbox.add({ kind: "patched", metadata: noted });
  }

  /** Only the fields that differ from what is noted already and, where nothing is, from what was sent last. */
  #changed(metadata: SessionMetadata, noted: SessionMetadata): SessionMetadata {
    const patched = Object.entries(this.#deps.outbox.state.patched ?? {}).filter(
      ([key]) => !ofStatus.has(key),
    );
    const all = [...patched, ...Object.entries(noted)];
    const known = new Map(all.map(([key, value]) => [key, JSON.stringify(value)]));
    return Object.fromEntries(
      Object.entries(metadata).filter(([key, value]) => known.get(key) !== JSON.stringify(value)),
    );
  }

  /** Notes the next activity down, then sends it. */
  async #sendNext(signal: AbortSignal): Promise<void> {
    const { clock, random, outbox } = this.#deps;
    const { waiting, leftOut, sequence } = outbox.state;
    const burst = takeBurst(waiting, leftOut);
    const last = burst === undefined ? this.#last : undefined;
    if (last !== undefined) this.#last = undefined;
    const next = burst ?? (last && { ...last, at: clock.now(), covers: [] });
    if (next === undefined) return;
    const activity: Activity = {
      activityId: last?.activityId ?? random.uuid(),
      sequence: sequence + 1,
      type: next.type,
      message: clip(next.text.trim() || next.type, messageLimit),
      occurredAt: next.at,
    };
    await outbox.add({ kind: "sending", activity, covers: next.covers });
    await this.#sendNoted(signal);
  }

  /** Sends what is noted as being sent, until the platform has it or refuses it for what it is. */
  async #sendNoted(signal: AbortSignal): Promise<void> {
    const { outbox, clock, sendActivity } = this.#deps;
    for (let ahead = 0; ahead <= searchLimit; ahead += 1) {
      const activity = outbox.state.sending;
      if (activity === undefined) return;
      let answer: "stored" | "known" = "known";
      const refusal = await this.#deliver("activity", signal, async () => {
        // Of what is sent again only the last time counts: that one may be what is stored.
        this.#lastSentAt = clock.monotonic();
        answer = await sendActivity(activity, signal);
      });
      if (refusal === undefined) {
        await this.#accepted(activity, answer);
        return;
      }
      if (refusal !== "badRequest" || !(this.#searching || outbox.state.unsure)) break;
      // The refused number may be one that was used up without a note: then a later one is right.
      const later = { ...activity, sequence: activity.sequence + 1 };
      await outbox.add({ kind: "sending", activity: later, covers: [] });
    }
    const refused = outbox.state.sending;
    if (refused !== undefined) await outbox.add({ kind: "refused", activityId: refused.activityId });
  }

  async #accepted(activity: Activity, answer: "stored" | "known"): Promise<void> {
    const { outbox, onAccepted } = this.#deps;
    // What was carried and is known may have been stored under the claim before, where it used up another number.
    const elsewhere = answer === "known" && outbox.state.unsure;
    const sequence = elsewhere ? outbox.state.sequence : activity.sequence;
    if (answer === "stored") this.#searching = false;
    await outbox.add({ kind: "accepted", activityId: activity.activityId, sequence });
    onAccepted(activity);
  }

  /** Waits out the second since something was sent. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const left = this.#lastSentAt + pauseMs - clock.monotonic();
    if (left > 0) await clock.sleep(left, signal);
  }

  /**
   * Sends until the platform decides. Sending again is harmless: activities carry an id, patches replace. Returns why the
   * platform refuses what its content cannot mend: that is logged and left out, and an activity's number is used again.
   */
  async #deliver(
    what: string,
    signal: AbortSignal,
    send: () => Promise<void>,
  ): Promise<PlatformErrorReason | undefined> {
    const { clock, random, log, sessionId } = this.#deps;
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        await send();
        return undefined;
      } catch (error) {
        if (signal.aborted || !(error instanceof PlatformError)) throw error;
        if (isClaimGone(error)) throw new LeaseLost(claimGoneMessage(error));
        if (refusesContent(error)) {
          log.warn("the platform refused a report", { sessionId, what, message: messageOf(error) });
          return error.reason;
        }
        log.debug("a report is sent again", { sessionId, what, attempt, message: messageOf(error) });
        const wait =
          error.retryAfterMs ?? 250 + fullJitterMs(attempt, { baseMs: 500, maxMs: 15_000 }, random);
        await clock.sleep(wait, signal);
      }
    }
  }
}
