import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { EndPhase, SessionChange, WorkerEvent } from "../../../src/core/events";
import { reduce } from "../../../src/core/reducer";
import type { SessionView, WorkerState } from "../../../src/core/state";
import { groupIds } from "../../../src/ui/sessionLook";
import { sessionSorts } from "../../../src/ui/sessionSort";
import { sessionTree, TreeModel, type TreeWish } from "../../../src/ui/sessionTreeModel";
import type { Scene } from "../../../src/ui/scene";
import { TreeNodes, type TreeElement } from "../../../src/ui/treeNodes";
import type { Row } from "../../../src/ui/treeRow";
import { aSession as aPlatformSession } from "../../fakes/builders";
import { aRun, aSession, aState, english, minuteMs, noon } from "./kit";

/** What stands on the screen of one row. */
type Face = Omit<Row, "children" | "tooltip">;

function faceOf({ children: _children, tooltip: _tooltip, ...face }: Row): Face {
  return face;
}

/** An editor that draws only what it is told to, and asks for the children of rows that are unfolded. */
class Screen {
  readonly nodes = new TreeNodes();
  readonly #unfolded = new Set<string>();
  readonly #faces = new Map<string, Face>();
  readonly #kids = new Map<string, readonly string[]>([["", []]]);
  drawn = 0;

  show(rows: readonly Row[]): void {
    const changed = this.nodes.update(rows);
    if (changed === "all") {
      const roots = this.nodes.roots();
      this.#kids.set("", idsOf(roots));
      roots.forEach((one) => this.#draw(one));
    } else changed.forEach((one) => this.#draw(one));
  }

  /** Unfolds one of the drawn rows, or now and then all that there are. */
  unfold(place: number): void {
    const ids = [...this.#faces.keys()];
    if (place % 4 > 0) {
      ids
        .slice(place % Math.max(1, ids.length))
        .slice(0, 1)
        .forEach((id) => this.#open(id));
    }
    // A row that is drawn meanwhile comes at the end.
    else for (const id of this.#faces.keys()) this.#open(id);
  }

  #open(id: string): void {
    const element = this.nodes.find(id, 0);
    if (element === undefined || this.#unfolded.has(id)) return;
    this.#unfolded.add(id);
    this.#draw(element);
  }

  /** Every row that is on the screen, as it stands there, against how it should. */
  compare(rows: readonly Row[], above = ""): void {
    assert.deepEqual(this.#kids.get(above), idsOf(rows.map(({ id }) => ({ rowId: id }))), `below ${above}`);
    for (const row of rows) {
      assert.deepEqual(this.#faces.get(row.id), faceOf(row), row.id);
      if (this.#unfolded.has(row.id) && row.loads === undefined) this.compare(row.children, row.id);
    }
  }

  #draw(element: TreeElement): void {
    const row = this.nodes.row(element);
    if (row === undefined) return;
    this.drawn++;
    this.#faces.set(row.id, faceOf(row));
    if (!this.#unfolded.has(row.id)) return;
    const kids = this.nodes.children(element);
    this.#kids.set(row.id, idsOf(kids));
    kids.forEach((one) => this.#draw(one));
  }
}

function idsOf(elements: readonly { readonly rowId: string }[]): readonly string[] {
  return elements.map(({ rowId }) => rowId);
}

const places = 8;
const at = (place: number): string => `s${place}`;
const next = { nextTarget: { targetWorkerId: "w1", targetGroupId: undefined } };

/** Half of them run, two of those in one run, each with something that ages below its row. */
const started = aState(
  {},
  ...Array.from({ length: places }, (_, n) =>
    aSession({
      ...{ sessionId: at(n), title: `Task ${n}`, createdAt: noon - n * minuteMs, startedAt: undefined },
      ...{ phase: n % 2 === 0 ? "running" : "listed" },
      ...(n % 3 === 0 ? { workflow: aRun({ parentId: "s7", ...(n === 0 ? { childId: "s1" } : next) }) } : {}),
      activities: [{ activityId: "a", type: "progress", message: "Began", at: noon - n * 1_000 - 500 }],
    }),
  ),
);

const endPhases: readonly EndPhase[] = [
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
  "elsewhere",
];

const change: fc.Arbitrary<(now: number) => SessionChange> = fc.oneof(
  fc.constant((now: number): SessionChange => ({ kind: "claiming", at: now })),
  fc.constant((now: number): SessionChange => ({ kind: "claimed", leaseEndsAt: now + 900_000 })),
  fc.nat(300_000).map((total) => (now: number): SessionChange => {
    const usage = { inputTokens: total, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };
    const all = { ...usage, totalTokens: total, contextWindow: undefined };
    return { kind: "runtime", event: { kind: "usage", usage: all }, at: now };
  }),
  fc.constantFrom("ls", "npm test").map((command) => (now: number): SessionChange => {
    return { kind: "runtime", event: { kind: "commandStarted", itemId: "i", command }, at: now };
  }),
  fc.nat(3).map((done) => (): SessionChange => {
    const steps = [0, 1, 2].map((n) => ({
      text: `Step ${n}`,
      status: n < done ? ("completed" as const) : ("pending" as const),
    }));
    return { kind: "runtime", event: { kind: "plan", steps, explanation: undefined } };
  }),
  fc.constant((now: number): SessionChange => ({
    kind: "activity",
    activity: { activityId: `a${now}`, type: "progress", message: "Went on", at: now },
  })),
  fc
    .nat(5)
    .map((files) => (): SessionChange => ({ kind: "stat", stat: { files, added: files, deleted: 1 } })),
  fc.constant((now: number): SessionChange => ({
    kind: "asked",
    question: {
      ...{ questionId: `q${now}`, askedAt: now, about: "question", what: "Which?" },
      ...{ where: undefined, why: undefined, forSession: false, parts: [] },
    },
  })),
  fc.constantFrom(...endPhases).map((phase) => (now: number): SessionChange => {
    return { kind: "ended", phase, at: now, detail: "Because.", byPerson: false };
  }),
  fc.constantFrom("run-1", "run-2").map((runId) => (): SessionChange => ({
    kind: "run",
    run: {
      ...{ runId, stepId: "one", mode: "code", branch: "b", verdict: undefined, push: "none" },
      ...{ parentId: "s0", childId: undefined, missing: undefined },
      ...next,
    },
  })),
  fc.constant((): SessionChange => ({ kind: "archived" })),
);

type Step =
  | { readonly kind: "event"; readonly place: number; readonly change: (now: number) => SessionChange }
  | { readonly kind: "poll"; readonly places: readonly number[] }
  | { readonly kind: "phase"; readonly online: boolean }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "unfold"; readonly place: number }
  | { readonly kind: "wish"; readonly wish: TreeWish }
  | { readonly kind: "unread"; readonly places: readonly number[] }
  | { readonly kind: "name"; readonly name: string };

const somePlaces = fc.array(fc.nat(places - 1), { maxLength: 4 });
const wish: fc.Arbitrary<TreeWish> = fc.record({
  sort: fc.constantFrom(...sessionSorts),
  filter: fc.option(
    fc.record({
      text: fc.constantFrom("", "task", "3"),
      groups: fc.subarray([...groupIds], { maxLength: 3 }),
    }),
    { nil: undefined, freq: 1 },
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("event"), place: fc.nat(places - 1), change }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("unfold"), place: fc.nat(200) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("time"),
      ms: fc.oneof(fc.nat(3_000), fc.nat(120_000), fc.nat(9 * 60 * minuteMs)),
    }),
  },
  fc.record({ kind: fc.constant("poll"), places: somePlaces }),
  fc.record({ kind: fc.constant("phase"), online: fc.boolean() }),
  fc.record({ kind: fc.constant("wish"), wish }),
  fc.record({ kind: fc.constant("unread"), places: somePlaces }),
  fc.record({ kind: fc.constant("name"), name: fc.constantFrom("Ada", "Grace") }),
);

describe("the rows from update to update", () => {
  it("are those of a whole new tree, and an editor that draws only what is told shows them all", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const model = new TreeModel();
        const screen = new Screen();
        let state: WorkerState = started;
        let now = noon;
        let wanted: TreeWish = { filter: undefined, sort: "usual" };
        let unread: ReadonlySet<string> = new Set();
        let name: string | undefined;
        for (const one of steps) {
          const scene = (): Scene => {
            const marks = unread;
            const known = name;
            return { state, now, l10n: english, unread: (id) => marks.has(id), nameOf: () => known };
          };
          if (one.kind === "unfold") screen.unfold(one.place);
          else if (one.kind === "time") now += one.ms;
          else if (one.kind === "wish") wanted = one.wish;
          else if (one.kind === "unread") unread = new Set(one.places.map(at));
          else if (one.kind === "name") name = one.name;
          else state = reduce(state, eventOf(one, now));
          screen.show(model.rows(scene(), wanted));
          screen.compare(new TreeModel().rows(scene(), wanted));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are there for an editor that asks late, after their session moved to where it has not looked", () => {
    const nodes = new TreeNodes();
    const show = (session: SessionView): void =>
      void nodes.update(sessionTree(aState({}, session), noon, english));
    const runs = aSession({ branch: "one/b" });
    show(runs);
    const [group] = nodes.roots();
    const [element] = group === undefined ? [] : nodes.children(group);
    assert.ok(element !== undefined);
    const [branch] = nodes.children(element);
    show({ ...runs, phase: "complete", endedAt: noon });
    assert.equal(nodes.row(element)?.icon?.id, "pass");
    assert.deepEqual(idsOf(nodes.children(element)), ["branch:s1"]);
    assert.equal(branch === undefined ? "" : nodes.row(branch)?.label, "one/b");
    assert.equal(nodes.parent(element)?.rowId, "group:done");
    show({ ...runs, archived: true });
    assert.deepEqual([nodes.row(element), nodes.children(element)], [undefined, []]);
  });

  it("keep what is selected and unfolded through hundreds of changes around it", () => {
    const nodes = new TreeNodes();
    const phases = ["running", "complete", "failed", "listed", "preparing"] as const;
    const others = (turn: number): readonly SessionView[] =>
      Array.from({ length: 1 + (turn % 30) }, (_, n) =>
        aSession({
          sessionId: `other-${n}`,
          title: `${turn}`,
          phase: phases[(turn + n) % phases.length] ?? "running",
        }),
      );
    const show = (turn: number): void => {
      const selected = aSession({ sessionId: "selected", branch: "one/b", detail: `Step ${turn}` });
      nodes.update(sessionTree(aState({}, ...others(turn), selected), noon + turn, english));
    };
    show(0);
    const group = nodes.roots().find((one) => one.rowId === "group:running");
    assert.ok(group !== undefined);
    const selected = nodes.children(group).find((one) => one.sessionId === "selected");
    assert.ok(selected !== undefined);
    const below = nodes.children(selected).find((one) => one.rowId === "branch:selected");
    assert.ok(below !== undefined);
    for (let turn = 1; turn <= 500; turn += 1) {
      show(turn);
      // The editor holds on to these very objects: by another one it would select and unfold nothing.
      assert.equal(nodes.find(selected.rowId, 2), selected, `turn ${turn}`);
      assert.equal(nodes.find(below.rowId, 3), below, `turn ${turn}`);
      assert.equal(nodes.parent(below), selected);
      assert.equal(nodes.parent(selected), group);
    }
  });

  it("draw of a thousand sessions the one that changed", () => {
    const sessions = Array.from({ length: 1_000 }, (_, n) =>
      aSession({ sessionId: at(n), title: `Task ${n}`, phase: "running" }),
    );
    const model = new TreeModel();
    const screen = new Screen();
    const show = (state: WorkerState): number => {
      const before = screen.drawn;
      const scene = { state, now: noon, l10n: english, unread: () => false, nameOf: () => undefined };
      screen.show(model.rows(scene, { filter: undefined, sort: "usual" }));
      return screen.drawn - before;
    };
    let state = aState({}, ...sessions);
    assert.equal(show(state), 1, "the group");
    screen.unfold(0);
    const rows = model.rows(
      { state, now: noon, l10n: english, unread: () => false, nameOf: () => undefined },
      { filter: undefined, sort: "usual" },
    );
    const kept = rows[0]?.children[999];
    state = reduce(state, {
      kind: "session",
      sessionId: at(3),
      change: { kind: "preparing", detail: "Again" },
    });
    assert.equal(show(state), 1);
    assert.equal(
      screen.nodes.row({ rowId: `session:${at(999)}`, sessionId: at(999) }),
      kept,
      "the rest keep their rows",
    );
    assert.equal(show(state), 0);
  });
});

function eventOf(one: Extract<Step, { kind: "event" | "poll" | "phase" }>, now: number): WorkerEvent {
  switch (one.kind) {
    case "event":
      return { kind: "session", sessionId: at(one.place), change: one.change(now) };
    case "poll":
      return {
        ...{ kind: "polled", at: now },
        sessions: [...new Set(one.places)].map((place) =>
          aPlatformSession({
            sessionId: at(place),
            title: `Task ${place}, ${now % 3}`,
            createdAt: noon - place * minuteMs,
          }),
        ),
      };
    case "phase":
      return { kind: "phaseChanged", phase: { kind: one.online ? "online" : "stopped" } };
  }
}
