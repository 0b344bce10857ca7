import { Emitter } from "../../src/base/emitter";
import type { BeatResult, Heartbeat, HeartbeatFacts } from "../../src/core/ports/heartbeat";

/** Beats only when a test says so; keeps every state it was told. */
export class FakeHeartbeat implements Heartbeat {
  readonly #beats = new Emitter<BeatResult>();
  readonly onDidBeat = this.#beats.event;
  readonly told: HeartbeatFacts[] = [];
  running = false;
  /** How often it was told to beat at once. */
  hurried = 0;

  get facts(): HeartbeatFacts | undefined {
    return this.told.at(-1);
  }

  get states(): readonly HeartbeatFacts["state"][] {
    return this.told.map((facts) => facts.state).filter((state, index, all) => state !== all[index - 1]);
  }

  start(facts: HeartbeatFacts): void {
    this.running = true;
    this.told.push(facts);
  }

  update(facts: HeartbeatFacts): void {
    if (!this.running) throw new Error("updated while it does not beat");
    this.told.push(facts);
  }

  beatNow(): void {
    if (!this.running) throw new Error("hurried while it does not beat");
    this.hurried += 1;
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.resolve();
  }

  beat(result: BeatResult): void {
    this.#beats.fire(result);
  }
}
