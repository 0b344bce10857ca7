import type * as vscode from "vscode";
import { messageOf, type Log } from "../base/log";
import { isEmptyFilter, type SessionFilter } from "./sessionFilter";
import { parseSort, type SessionSort } from "./sessionSort";
import type { TreeWish } from "./sessionTreeModel";
import { parseSeen, type SeenNotes } from "./unread";

const seenKey = "oneHorizon.sessions.seen";
const sortKey = "oneHorizon.sessions.sort";

/** How a person wants the sessions view, and what they have seen in it. Order and marks outlast the window, a filter does not. */
export class ViewMemory {
  readonly #memento: vscode.Memento;
  readonly #log: Log;
  #filter: SessionFilter | undefined;
  #sort: SessionSort;
  #seen: SeenNotes;

  constructor(memento: vscode.Memento, now: number, log: Log) {
    this.#memento = memento;
    this.#log = log;
    this.#sort = parseSort(memento.get<unknown>(sortKey));
    const stored = memento.get<unknown>(seenKey);
    this.#seen = parseSeen(stored, now);
    if (stored === undefined) this.#keep(seenKey, this.#seen);
  }

  get wish(): TreeWish {
    return { filter: this.#filter, sort: this.#sort };
  }

  get seen(): SeenNotes {
    return this.#seen;
  }

  set seen(seen: SeenNotes) {
    this.#seen = seen;
    this.#keep(seenKey, seen);
  }

  setFilter(filter: SessionFilter | undefined): void {
    this.#filter = filter === undefined || isEmptyFilter(filter) ? undefined : filter;
  }

  setSort(sort: SessionSort): void {
    this.#sort = sort;
    this.#keep(sortKey, sort);
  }

  #keep(key: string, value: unknown): void {
    this.#memento.update(key, value).then(undefined, (error: unknown) => {
      this.#log.warn("what the sessions view remembers could not be stored", {
        key,
        error: messageOf(error),
      });
    });
  }
}
