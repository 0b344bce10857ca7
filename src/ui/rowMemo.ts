import { workerPhase, type SessionView } from "../core/state";
import { kinOf, type Unit } from "./runModel";
import { runRow, runTitle } from "./runRow";
import { nextName } from "./runWords";
import { childRows, sessionRow, sessionRowId, type Scene } from "./sessionRow";
import { nextWordAt } from "./time";
import type { Row } from "./treeRow";

/** When a word of a row tells another time than it says. */
interface Age {
  until: number;
}

/** A row with all that it was made of. */
interface Kept {
  readonly key: readonly unknown[];
  readonly row: Row;
  readonly age: Age;
}

/**
 * Rows from one update to the next: a row is made anew only where something that it shows is another. What it gives is what
 * a memo that knows nothing would give.
 */
export class RowMemo {
  #before: ReadonlyMap<string, Kept> = new Map();
  #kept = new Map<string, Kept>();
  #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Begins an update; what was not asked for since the last one is forgotten. */
  begin(scene: Scene): void {
    this.#scene = scene;
    this.#before = this.#kept;
    this.#kept = new Map();
  }

  /** What stands together: a run with its sessions under it, or a session alone. One session of a run stands plainly. */
  unitRow(unit: Unit): Row {
    const { runId, sessions, lead, latestId, group } = unit;
    if (runId === undefined || sessions.length === 1) return this.#sessionRow(lead, latestId, undefined);
    const scene = this.#scene;
    const key = [group, latestId, lead, ...sessions, ...sessions.map((one) => scene.unread(one.sessionId))];
    return this.#keep(`run:${runId}`, key, lead, () => {
      // What stands under it is asked for each time: it has an age of its own.
      return runRow(runId, unit, scene, () =>
        sessions.map((one) => this.#sessionRow(one, latestId, runTitle(unit))),
      );
    });
  }

  #sessionRow(session: SessionView, latestId: string | undefined, title: string | undefined): Row {
    const scene = this.#scene;
    const { sessionId, workflow } = session;
    const { parent, child } = kinOf(session, scene.state.sessions);
    const latest = latestId === sessionId;
    const online = workerPhase(scene.state.phase).kind === "online";
    const next = workflow === undefined ? undefined : nextName(workflow, scene.nameOf);
    const key = [session, latest, title, online, scene.unread(sessionId), parent, child, next];
    return this.#keep(sessionRowId(sessionId), key, session, (age) => {
      let children: readonly Row[] | undefined;
      return sessionRow(session, { latest, runTitle: title }, scene, () => {
        children ??= this.#children(session, latest, { ...scene, now: this.#scene.now }, age);
        return children;
      });
    });
  }

  /** They are made when they are unfolded, which may be later than their session's row. */
  #children(session: SessionView, latest: boolean, scene: Scene, age: Age): readonly Row[] {
    const times = [session.liveSince, ...session.activities.map(({ at }) => at)];
    age.until = Math.min(age.until, nextWord(times, scene.now));
    return childRows(session, latest, scene);
  }

  /** @param times the session whose times the row tells. */
  #keep(
    id: string,
    key: readonly unknown[],
    { createdAt, startedAt, endedAt, questions }: SessionView,
    make: (age: Age) => Row,
  ): Row {
    const { now } = this.#scene;
    const known = this.#kept.get(id) ?? this.#before.get(id);
    if (known !== undefined && now < known.age.until && sameKey(known.key, key)) {
      this.#kept.set(id, known);
      return known.row;
    }
    const age = { until: nextWord([createdAt, startedAt, endedAt, questions[0]?.askedAt], now) };
    const row = make(age);
    this.#kept.set(id, { key, row, age });
    return row;
  }
}

function nextWord(times: readonly (number | undefined)[], now: number): number {
  return Math.min(...times.map((at) => (at === undefined ? Infinity : nextWordAt(at, now))));
}

function sameKey(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, place) => part === other[place]);
}
