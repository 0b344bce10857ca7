import { workerPhase, type SessionView } from "../core/state";
import { kinOf, type Kin, type Unit } from "./runModel";
import { runRow, runTitle } from "./runRow";
import { nextName } from "./runWords";
import type { Scene } from "./scene";
import { childRows, sessionRow } from "./sessionRow";
import { nextWordAt } from "./time";
import type { Row } from "./treeRow";

/** When a word of a row tells another time than it says. */
interface Age {
  until: number;
}

/** What a session's row was made of, beside the session's own times. */
interface Facts {
  readonly session: SessionView;
  readonly latest: boolean;
  /** Of the run, where the row stands below that. */
  readonly title: string | undefined;
  readonly online: boolean;
  readonly unread: boolean;
  readonly parent: SessionView | undefined;
  readonly child: SessionView | undefined;
  /** Of the worker that the run goes to next. */
  readonly next: string | undefined;
}

interface Kept<F> {
  readonly facts: F;
  readonly row: Row;
  readonly age: Age;
  /** The update in which it was asked for last. */
  update: number;
}

const noKin: Kin = { parent: undefined, child: undefined };

/**
 * Rows from one update to the next: a row is made anew only where something that it shows is another. What it gives is what
 * a memo that knows nothing would give.
 */
export class RowMemo {
  readonly #sessions = new Map<string, Kept<Facts>>();
  readonly #runs = new Map<string, Kept<readonly unknown[]>>();
  #update = 0;
  #online = false;
  #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Begins an update; what was not asked for since the last one is forgotten. */
  begin(scene: Scene): void {
    for (const kept of [this.#sessions, this.#runs]) {
      for (const [id, { update }] of kept) if (update < this.#update) kept.delete(id);
    }
    this.#update++;
    this.#scene = scene;
    this.#online = workerPhase(scene.state.phase).kind === "online";
  }

  /** What stands together: a run with its sessions under it, or a session alone. One session of a run stands plainly. */
  unitRow(unit: Unit): Row {
    const { runId, sessions, lead, latestId } = unit;
    if (runId === undefined || sessions.length === 1) return this.#sessionRow(lead, latestId, undefined);
    return this.#runRow(runId, unit);
  }

  #runRow(runId: string, unit: Unit): Row {
    const scene = this.#scene;
    const { sessions, lead, latestId, group } = unit;
    const facts = [group, latestId, lead, ...sessions, ...sessions.map((one) => scene.unread(one.sessionId))];
    const known = this.#runs.get(runId);
    if (known !== undefined && scene.now < known.age.until && sameFacts(known.facts, facts)) {
      known.update = this.#update;
      return known.row;
    }
    // What stands under it is asked for each time: it has an age of its own.
    const row = runRow(runId, unit, scene, () =>
      sessions.map((one) => this.#sessionRow(one, latestId, runTitle(unit))),
    );
    this.#runs.set(runId, { facts, row, age: { until: agesAt(lead, scene.now) }, update: this.#update });
    return row;
  }

  #sessionRow(session: SessionView, latestId: string | undefined, title: string | undefined): Row {
    const { state, unread, nameOf, now } = this.#scene;
    const { sessionId, workflow } = session;
    const kin = workflow === undefined ? noKin : kinOf(session, state.sessions);
    const facts: Facts = {
      session,
      latest: latestId === sessionId,
      title,
      online: this.#online,
      unread: unread(sessionId),
      parent: kin.parent,
      child: kin.child,
      next: workflow === undefined ? undefined : nextName(workflow, nameOf),
    };
    const known = this.#sessions.get(sessionId);
    if (known !== undefined && now < known.age.until && isSame(known.facts, facts)) {
      known.update = this.#update;
      return known.row;
    }
    const age = { until: agesAt(session, now) };
    const row = this.#make(facts, age);
    this.#sessions.set(sessionId, { facts, row, age, update: this.#update });
    return row;
  }

  #make({ session, latest, title }: Facts, age: Age): Row {
    const scene = this.#scene;
    let children: readonly Row[] | undefined;
    return sessionRow(session, { latest, runTitle: title }, scene, () => {
      children ??= this.#children(session, latest, { ...scene, now: this.#scene.now }, age);
      return children;
    });
  }

  /** They are made when they are unfolded, which may be later than their session's row. */
  #children(session: SessionView, latest: boolean, scene: Scene, age: Age): readonly Row[] {
    const times = [session.liveSince, ...session.activities.map(({ at }) => at)];
    age.until = Math.min(age.until, nextWord(times, scene.now));
    return childRows(session, latest, scene);
  }
}

/** When a word of the session's own row becomes another one. */
function agesAt({ createdAt, startedAt, endedAt, questions }: SessionView, now: number): number {
  return nextWord([createdAt, startedAt, endedAt, questions[0]?.askedAt], now);
}

function nextWord(times: readonly (number | undefined)[], now: number): number {
  return Math.min(...times.map((at) => (at === undefined ? Infinity : nextWordAt(at, now))));
}

function isSame(one: Facts, other: Facts): boolean {
  return (
    one.session === other.session &&
    one.latest === other.latest &&
    one.title === other.title &&
    one.online === other.online &&
    one.unread === other.unread &&
    one.parent === other.parent &&
    one.child === other.child &&
    one.next === other.next
  );
}

function sameFacts(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, place) => part === other[place]);
}
