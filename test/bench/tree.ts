import type { SessionChange } from "../../src/core/events";
import { Store } from "../../src/core/store";
import type { WorkerState } from "../../src/core/state";
import { plainScene, TreeModel } from "../../src/ui/sessionTreeModel";
import { TreeNodes, type TreeElement } from "../../src/ui/treeNodes";
import { aSession } from "../fakes/builders";
import type { Row } from "./table";

const sessions = 1_000;
const eventsPerSecond = 50;
const drawsPerSecond = 4;
const seconds = 60;
const running = 100;
const began = Date.UTC(2030, 0, 1);
const l10n = { t: (text: string, ...values: readonly unknown[]) => `${text}${values.join()}` };

/** A tenth of them run and the first twenty of those are unfolded; the others wait in the queue, in sight. */
function startedStore(): Store {
  const store = new Store((error) => {
    throw error;
  });
  beginIn(store);
  return store;
}

/** The same in any store, an editor's too. */
export function beginIn(store: Pick<Store, "dispatch">): void {
  store.dispatch({ kind: "phaseChanged", phase: { kind: "online" } });
  const polled = Array.from({ length: sessions }, (_, n) =>
    aSession({ sessionId: `s${n}`, title: `Task ${n}`, createdAt: began - n * 1_000 }),
  );
  store.dispatch({ kind: "polled", at: began, sessions: polled });
  for (let n = 0; n < running; n += 1) {
    for (const change of [
      { kind: "claiming", at: began },
      { kind: "claimed", leaseEndsAt: began + 900_000 },
      { kind: "runtime", event: { kind: "processStarted", processId: n } },
    ] satisfies SessionChange[]) {
      store.dispatch({ kind: "session", sessionId: `s${n}`, change });
    }
  }
}

/** The event of number n, to neighbours, so that the updates meet all that run in turn. */
export function nextIn(store: Pick<Store, "dispatch">, n: number, at: number): void {
  const sessionId = `s${Math.floor(n / 5) % running}`;
  store.dispatch({ kind: "session", sessionId, change: changeAt(n, at) });
}

/** What a busy session tells, one after the other. */
function changeAt(n: number, at: number): SessionChange {
  const counts = { inputTokens: n * 400, cachedInputTokens: 0, outputTokens: n, reasoningOutputTokens: 0 };
  const usage = { ...counts, totalTokens: n * 400, contextWindow: undefined };
  const command = `npm test -- ${n}`;
  switch (n % 5) {
    case 0:
      return { kind: "runtime", event: { kind: "usage", usage }, at };
    case 1:
      return { kind: "runtime", event: { kind: "commandStarted", itemId: `i${n}`, command }, at };
    case 2:
      return { kind: "stat", stat: { files: 4, added: n, deleted: 3 } };
    case 3:
      return { kind: "activity", activity: { activityId: `a${n}`, type: "progress", message: "On it", at } };
    default:
      return { kind: "leaseRenewed", leaseEndsAt: at + 900_000 };
  }
}

function unfold(nodes: TreeNodes): void {
  const ask = (elements: readonly TreeElement[]): void => {
    for (const element of elements) {
      const place = Number(element.sessionId?.slice(1) ?? -1);
      if (element.sessionId === undefined || place < 20) ask(nodes.children(element));
    }
  };
  ask(nodes.roots());
}

/** CPU seconds of a minute of events and updates. */
function minute(draw: (state: WorkerState, now: number) => void): number {
  const store = startedStore();
  draw(store.state, began);
  const before = process.cpuUsage();
  for (let n = 0; n < seconds * eventsPerSecond; n += 1) {
    const now = began + (n * 1_000) / eventsPerSecond;
    nextIn(store, n, now);
    if (
      Math.floor((n * drawsPerSecond) / eventsPerSecond) !==
      Math.floor(((n + 1) * drawsPerSecond) / eventsPerSecond)
    ) {
      draw(store.state, now);
    }
  }
  const { user, system } = process.cpuUsage(before);
  store.dispose();
  return (user + system) / 1_000_000;
}

function onlyWhatChanged(): number {
  const model = new TreeModel();
  const nodes = new TreeNodes();
  let first = true;
  return minute((state, now) => {
    const changed = nodes.update(
      model.rows(plainScene(state, now, l10n), { filter: undefined, sort: "usual" }),
    );
    // The editor asks again for what it was told of.
    if (changed !== "all") changed.forEach((one) => nodes.children(one));
    if (first) unfold(nodes);
    first = false;
  });
}

function allAnew(): number {
  return minute((state, now) => {
    const nodes = new TreeNodes();
    nodes.update(new TreeModel().rows(plainScene(state, now, l10n), { filter: undefined, sort: "usual" }));
    unfold(nodes);
  });
}

/** The sessions view under load: events through the reducer, rows through the model, against a tree that is made anew each time. */
export const tree: Row = {
  name: "tree",
  run: () => {
    onlyWhatChanged(); // Once for the compiler.
    const ours = onlyWhatChanged();
    const anew = allAnew();
    const share = (100 * ours) / seconds;
    return Promise.resolve([
      {
        what: `sessions view, ${sessions} sessions, ${eventsPerSecond} events/s, ${seconds} s`,
        ours: `${share.toFixed(2)} % of a core`,
        baseline: `${((100 * anew) / seconds).toFixed(2)} % made anew`,
        ratio: ours / anew,
        goal: "≤ 5 % of a core",
        met: share <= 5,
      },
    ]);
  },
};
