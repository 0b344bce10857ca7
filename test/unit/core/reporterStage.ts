import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import type { OutboxEntry } from "../../../src/core/outbox";
import { OutboxLog } from "../../../src/core/outboxLog";
import type { Activity, SessionMetadata } from "../../../src/core/ports/platform";
import { Reporter } from "../../../src/core/reporter";
import { FakeJournal } from "../../fakes/fakeMachine";
import { ManualClock, settle } from "../../fakes/manualClock";
import { seededRandom } from "../../fakes/seededRandom";

/** A reporter with a platform that answers as the test says, and a disk that outlives its process. */
export class ReporterStage {
  readonly clock = new ManualClock();
  readonly sent: { readonly at: number; readonly activity: Activity }[] = [];
  patches: SessionMetadata[] = [];
  /** Numbers of accepted activities. */
  readonly accepted: number[] = [];
  journal = new FakeJournal();
  readonly noted: OutboxEntry[] = [];
  answer: (activity: Activity) => Promise<"stored" | "known"> = () => Promise.resolve("stored");
  patch: (metadata: SessionMetadata) => Promise<void> = () => Promise.resolve();
  /** Ends the process. */
  stop = new AbortController();
  reporter: Reporter;
  /** What the reporter ended with by itself. */
  end: unknown;

  constructor() {
    this.reporter = this.#begin(false, "c1");
  }

  /** A process begins to report; what an earlier one noted is on the disk. */
  start(continued: boolean, claimId = "c1"): void {
    this.stop.abort(new Error("a new one starts"));
    this.stop = new AbortController();
    this.reporter = this.#begin(continued, claimId);
  }

  /** The process dies: nothing that it waits for is answered, and a new one reads the disk. */
  async die(claimId?: string): Promise<void> {
    await settle();
    this.start(true, claimId);
    await settle();
  }

  messages(): string[] {
    return this.sent.map((one) => one.activity.message);
  }

  sequences(): number[] {
    return this.sent.map((one) => one.activity.sequence);
  }

  #begin(continued: boolean, claimId: string): Reporter {
    const reporter = new Reporter({
      clock: this.clock,
      random: seededRandom(3),
      log: silentLog,
      sessionId: "s1",
      continued,
      outbox: new OutboxLog({
        log: silentLog,
        sessionId: "s1",
        initial: this.journal.outbox("s1", claimId),
        append: async (entry) => {
          this.noted.push(entry);
          await this.journal.append("s1", claimId, entry);
        },
      }),
      sendActivity: async (activity) => {
        this.sent.push({ at: this.clock.monotonic(), activity });
        return await this.answer(activity);
      },
      sendMetadata: async (metadata) => {
        this.patches.push(metadata);
        await this.patch(metadata);
      },
      onAccepted: (activity) => this.accepted.push(activity.sequence),
    });
    const { signal } = this.stop;
    reporter.run(signal).catch((error: unknown) => {
      if (signal === this.stop.signal) this.end = error;
    });
    return reporter;
  }
}

export function assertASecondApart(instants: readonly number[]): void {
  const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= 1000),
    `gaps of ${gaps.join(", ")} ms`,
  );
}
