import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore } from "../base/disposable";
import type { ViewCommandId } from "./commandIds";
import type { SessionFilter } from "./sessionFilter";
import { filterChoices } from "./sessionFilterModel";
import type { Handler } from "./sessionHandlers";
import { sessionSorts, sortDetail, sortLabel } from "./sessionSort";
import type { StateSource } from "./stateSource";
import type { ViewMemory } from "./viewMemory";

export interface ViewHandlerDeps {
  readonly source: StateSource;
  readonly clock: Clock;
  readonly memory: ViewMemory;
  /** Draws the view as the memory has it now. */
  readonly refresh: () => void;
}

const filteredKey = "oneHorizon.filtered";

/** The commands that say how the sessions view is to look. */
export function viewHandlers(deps: ViewHandlerDeps): Readonly<Record<ViewCommandId, Handler>> {
  const filter = async (wanted: SessionFilter | undefined): Promise<void> => {
    deps.memory.setFilter(wanted);
    deps.refresh();
    await vscode.commands.executeCommand("setContext", filteredKey, deps.memory.wish.filter !== undefined);
  };
  return {
    "oneHorizon.sessions.filter": async () => {
      const before = deps.memory.wish.filter;
      await filter((await askFilter(deps, before, filter)) ?? before);
    },
    "oneHorizon.sessions.clearFilter": () => filter(undefined),
    "oneHorizon.sessions.sort": async () => {
      const sort = await askSort(deps);
      if (sort === undefined) return;
      deps.memory.setSort(sort);
      deps.refresh();
    },
  };
}

/**
 * Words and states in one box. The view follows while the person types.
 * @returns undefined when they turned away.
 */
async function askFilter(
  { source, clock }: ViewHandlerDeps,
  before: SessionFilter | undefined,
  preview: (filter: SessionFilter) => Promise<void>,
): Promise<SessionFilter | undefined> {
  const store = new DisposableStore();
  const pick = store.add(vscode.window.createQuickPick<ReturnType<typeof filterChoices>[number]>());
  pick.title = vscode.l10n.t("Filter Sessions");
  pick.placeholder = vscode.l10n.t("Words in title, branch or mode; and the states to show");
  pick.canSelectMany = true;
  pick.value = before?.text ?? "";
  pick.items = filterChoices(source.state, clock.now(), vscode.l10n);
  pick.selectedItems = pick.items.filter(({ group }) => before?.groups.includes(group));
  const chosen = (): SessionFilter => ({
    text: pick.value,
    groups: pick.selectedItems.map(({ group }) => group),
  });
  let ready = false;
  const follow = (): void => {
    if (ready) preview(chosen()).then(undefined, () => undefined); // It is done again when the box is accepted.
  };
  store.add(pick.onDidChangeValue(follow));
  store.add(pick.onDidChangeSelection(follow));
  try {
    return await new Promise((resolve) => {
      store.add(pick.onDidAccept(() => resolve(chosen())));
      store.add(pick.onDidHide(() => resolve(undefined)));
      pick.show();
      ready = true;
    });
  } finally {
    ready = false;
    store.dispose();
  }
}

async function askSort({ memory }: ViewHandlerDeps): Promise<(typeof sessionSorts)[number] | undefined> {
  const now = memory.wish.sort;
  const items = sessionSorts.map((sort) => ({
    label: `${sort === now ? "$(check)" : "$(blank)"} ${sortLabel(sort, vscode.l10n)}`,
    detail: sortDetail(sort, vscode.l10n),
    sort,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Sort Sessions") });
  return picked?.sort;
}
