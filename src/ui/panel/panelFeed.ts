import type { Clock } from "../../base/clock";
import { DisposableStore, type Disposable } from "../../base/disposable";
import type { TimelineNews, TimelineSource } from "../../core/ports/timeline";
import type { TimelineEntry, TimeSpent } from "../../core/timeline";
import type { L10n } from "../l10n";
import type { StateSource } from "../stateSource";
import { Throttle } from "../throttle";
import { panelHeader } from "./panelModel";
import { panelWords } from "./panelWords";
import type { PanelHeader, PanelMemory, ToPanel } from "./protocol";

export interface FeedDeps {
  readonly source: StateSource;
  readonly timeline: TimelineSource;
  readonly timeSpent: (entries: readonly TimelineEntry[], now: number) => TimeSpent | undefined;
  readonly clock: Clock;
  readonly l10n: L10n;
  /** Of numbers and times, a language tag. */
  readonly locale: string;
  /** Sends a message to the page that is there now. */
  readonly post: (message: ToPanel) => void;
  /** Told the header whenever it may have changed, also while no page is there. */
  readonly onHeader: (header: PanelHeader) => void;
}

/** A page that is there: one is made anew each time the panel comes to the front. */
interface Page {
  readonly following: Disposable;
  readonly entries: Map<string, TimelineEntry>;
  sent: string;
}

/** At most four headers a second; the timeline keeps to that by itself. */
const gapMs = 250;

/** What one panel is told: the header when it changed, the timeline whole and then what follows. Nothing while no page is there. */
export class PanelFeed implements Disposable {
  readonly #deps: FeedDeps;
  readonly #store = new DisposableStore();
  readonly #throttle: Throttle;
  #memory: PanelMemory;
  #page: Page | undefined;

  constructor(deps: FeedDeps, memory: PanelMemory) {
    this.#deps = deps;
    this.#memory = memory;
    this.#throttle = this.#store.add(new Throttle(() => this.#update(), gapMs, deps.clock));
    this.#store.add(deps.source.onDidChange(() => this.#throttle.request()));
    this.#throttle.request();
  }

  /** A page is there and knows nothing yet. */
  begin(): void {
    const { timeline, l10n, locale, post } = this.#deps;
    this.end();
    post({ kind: "words", locale, words: panelWords(l10n) });
    const entries = new Map<string, TimelineEntry>();
    const following = timeline.follow(this.#memory.sessionId, (news) => this.#tell(entries, news));
    this.#page = { following, entries, sent: "" };
    this.#update();
  }

  /** The page is gone. */
  end(): void {
    this.#page?.following.dispose();
    this.#page = undefined;
  }

  /** Draws elapsed times anew; costs nothing while nobody looks. */
  tick(): void {
    if (this.#page !== undefined) this.#throttle.request();
  }

  dispose(): void {
    this.end();
    this.#store.dispose();
  }

  #tell(entries: Map<string, TimelineEntry>, news: TimelineNews): void {
    if (news.kind === "timeline") entries.clear();
    for (const entry of news.entries) entries.set(entry.id, entry);
    this.#deps.post(news);
    this.#throttle.request();
  }

  #update(): void {
    const { source, clock, timeSpent, l10n, post, onHeader } = this.#deps;
    const now = clock.now();
    const entries = [...(this.#page?.entries.values() ?? [])];
    const header = panelHeader({
      memory: this.#memory,
      state: source.state,
      now,
      attempt: latestAttempt(entries),
      time: entries.length === 0 ? undefined : timeSpent(entries, now),
      l10n,
    });
    this.#memory = { sessionId: header.sessionId, title: header.title };
    onHeader(header);
    const page = this.#page;
    const text = JSON.stringify(header);
    if (page === undefined || page.sent === text) return;
    page.sent = text;
    post({ kind: "header", header });
  }
}

function latestAttempt(entries: readonly TimelineEntry[]): number | undefined {
  const begun = entries.findLast((one) => one.kind === "worker" && one.attempt !== undefined);
  return begun?.kind === "worker" ? begun.attempt : undefined;
}
