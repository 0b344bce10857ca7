import assert from "node:assert/strict";
import { Emitter } from "../../../../src/base/emitter";
import type { TimelineNews } from "../../../../src/core/ports/timeline";
import type { WorkerState } from "../../../../src/core/state";
import type { TimelineEntry } from "../../../../src/core/timeline";
import { PanelFeed } from "../../../../src/ui/panel/panelFeed";
import type { PanelHeader, ToPanel } from "../../../../src/ui/panel/protocol";
import { aSession, aState, english, StillClock } from "../kit";

function entry(id: string, text: string): TimelineEntry {
  return { id, at: 0, kind: "activity", text };
}

/** A feed whose session and timeline are in the test's hands. */
function aFeed() {
  const clock = new StillClock();
  const changed = new Emitter<WorkerState>(() => undefined);
  let state = aState({}, aSession());
  const followers = new Set<(news: TimelineNews) => void>();
  const posted: ToPanel[] = [];
  const headers: PanelHeader[] = [];
  const feed = new PanelFeed(
    {
      source: {
        get state() {
          return state;
        },
        onDidChange: changed.event,
      },
      timeline: {
        follow: (sessionId, listener) => {
          assert.equal(sessionId, "s1");
          followers.add(listener);
          return { dispose: () => followers.delete(listener) };
        },
      },
      timeSpent: (entries) => ({ waitingMs: 0, modelMs: entries.length, commandsMs: 0, workerMs: 0 }),
      clock,
      l10n: english,
      locale: "en",
      post: (message) => posted.push(message),
      onHeader: (header) => headers.push(header),
    },
    { sessionId: "s1", title: "As kept" },
  );
  const kinds = (): string[] => posted.splice(0).map((one) => one.kind);
  return {
    ...{ feed, clock, followers, posted, headers, kinds },
    tell: (news: TimelineNews) => followers.forEach((listener) => listener(news)),
    become: (next: WorkerState) => {
      state = next;
      changed.fire(next);
    },
    end: () => {
      feed.dispose();
      changed.dispose();
      assert.equal(followers.size, 0);
    },
  };
}

describe("what a panel is told", () => {
  it("is nothing while no page is there, but its tab is kept true", async () => {
    const { become, clock, headers, posted, end } = aFeed();
    become(aState({}, aSession({ title: "Another title" })));
    await clock.advance(250);
    assert.deepEqual(posted, []);
    assert.equal(headers.at(-1)?.title, "Another title");
    end();
  });

  it("is words, header and the whole timeline first, then what follows", async () => {
    const { feed, kinds, tell, posted, clock, end } = aFeed();
    feed.begin();
    assert.deepEqual(kinds(), ["words", "header"]);
    tell({ kind: "timeline", entries: [entry("a", "1"), entry("b", "2")], dropped: 3 });
    assert.deepEqual(posted[0], {
      kind: "timeline",
      entries: [entry("a", "1"), entry("b", "2")],
      dropped: 3,
    });
    await clock.advance(250);
    assert.deepEqual(kinds(), ["timeline", "header"]);
    tell({ kind: "entries", entries: [entry("b", "3")] });
    assert.deepEqual(posted, [{ kind: "entries", entries: [entry("b", "3")] }]);
    end();
  });

  it("is at most four headers a second, and none that was told", async () => {
    const { feed, become, kinds, posted, clock, end } = aFeed();
    feed.begin();
    kinds();
    for (let index = 0; index < 50; index++) {
      become(aState({}, aSession({ title: `Title ${index}` })));
      await clock.advance(20);
    }
    const titles = posted.flatMap((one) => (one.kind === "header" ? [one.header.title] : []));
    assert.ok(titles.length <= 4 && titles.length >= 3, titles.join());
    await clock.advance(250);
    kinds();
    become(aState({}, aSession({ title: "Title 49" })));
    await clock.advance(250);
    assert.deepEqual(kinds(), []);
    end();
  });

  it("moves on with the clock, and costs nothing while nobody looks", async () => {
    const { feed, kinds, headers, clock, end } = aFeed();
    feed.begin();
    kinds();
    await clock.advance(1_000);
    feed.tick();
    assert.deepEqual(kinds(), ["header"]);
    feed.end();
    const before = headers.length;
    await clock.advance(1_000);
    feed.tick();
    assert.equal(headers.length, before);
    end();
  });

  it("begins anew with each page", () => {
    const { feed, kinds, followers, end } = aFeed();
    feed.begin();
    feed.end();
    assert.equal(followers.size, 0);
    kinds();
    feed.begin();
    feed.begin();
    assert.equal(followers.size, 1);
    assert.deepEqual(kinds(), ["words", "header", "words", "header"]);
    end();
  });

  it("counts where the time went, and the attempt", async () => {
    const { feed, tell, headers, clock, end } = aFeed();
    feed.begin();
    assert.equal(headers.at(-1)?.time, undefined);
    const claimed: TimelineEntry = {
      id: "c",
      at: 0,
      kind: "worker",
      text: "Claimed",
      level: "info",
      attempt: 2,
    };
    tell({ kind: "timeline", entries: [claimed, entry("a", "1")], dropped: 0 });
    tell({ kind: "entries", entries: [entry("a", "2"), entry("b", "3")] });
    await clock.advance(250);
    assert.equal(headers.at(-1)?.time?.modelMs, 3);
    assert.equal(headers.at(-1)?.facts.find((one) => one.label === "Claimed here")?.value, "attempt 2");
    end();
  });

  it("still names a session that is gone", async () => {
    const { feed, become, headers, clock, end } = aFeed();
    feed.begin();
    become(aState());
    await clock.advance(250);
    assert.equal(headers.at(-1)?.title, "Add CSV export");
    assert.equal(headers.at(-1)?.state.text, "not in the list");
    end();
  });
});
