import assert from "node:assert/strict";
import { LinkedAbort } from "../../../src/base/abort";
import { WakeSense } from "../../../src/base/wakeSense";
import type { GroupBoard, GroupMember } from "../../../src/core/ports/groupBoard";
import type { Platform } from "../../../src/core/ports/platform";
import { Store } from "../../../src/core/store";
import { Worker } from "../../../src/core/worker";
import { aSession, us } from "../../fakes/builders";
import { FakeHeartbeat } from "../../fakes/fakeHeartbeat";
import { FakeJournal } from "../../fakes/fakeMachine";
import type { FakePlatform } from "../../fakes/fakePlatform";
import { FakeRuntime } from "../../fakes/fakeRuntime";
import { FakeWorktrees } from "../../fakes/fakeWorktrees";
import { settle } from "../../fakes/manualClock";
import { World } from "../../fakes/world";

class Board implements GroupBoard {
  readonly members = new Map<string, GroupMember>();
  failure: Error | undefined;

  async tell(_group: string, member: GroupMember): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.members.set(member.workerId, member);
  }

  async others(_group: string, workerId: string): Promise<readonly GroupMember[]> {
    return await Promise.resolve([...this.members.values()].filter((one) => one.workerId !== workerId));
  }
}

/** The platform as one worker sees it: what another one holds is not offered to it. */
function seenBy(workerId: string, platform: FakePlatform): Platform {
  const pollSessions: Platform["pollSessions"] = async (path, signal) => {
    const polled = await platform.pollSessions(path, signal);
    return polled.filter(({ sessionId }) => (platform.of(sessionId).claim?.holder ?? workerId) === workerId);
  };
  return new Proxy(platform, {
    get: (target, key): unknown => {
      if (key === "pollSessions") return pollSessions;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** One worker of the group in a window of its own. */
class Member {
  readonly runtime = new FakeRuntime();
  readonly store = new Store(() => undefined);
  readonly worker: Worker;
  readonly #life = new LinkedAbort();
  readonly #done: Promise<unknown>;

  constructor(world: World, workerId: string, board: GroupBoard, autoClaim: () => boolean) {
    const { runtime, store } = this;
    const own = { runtime, store, heartbeat: new FakeHeartbeat(), journal: new FakeJournal() };
    const rest = { worktrees: new FakeWorktrees(), sense: new WakeSense(world.clock), autoClaim };
    const groups = { board, group: () => "group" };
    const identity = { ...us, workerId };
    const platform = seenBy(workerId, world.platform);
    this.worker = new Worker(
      { ...world.deps, ...own, ...rest, platform, groups, identity },
      { provider: "codex", version: "1" },
    );
    this.#done = this.worker.run(undefined, this.#life.signal);
  }

  get running(): number {
    return this.runtime.live.size;
  }

  async end(): Promise<void> {
    this.#life.abort(new Error("the test is over"));
    await settle();
    await this.#done;
    this.store.dispose();
  }
}

describe("two workers of one group on this machine", () => {
  let world: World;
  let board: Board;
  const members: Member[] = [];
  beforeEach(() => {
    world = new World();
    board = new Board();
    world.config = { ...world.config, maxActiveExecutions: 10 };
  });
  afterEach(async () => {
    for (const one of members.splice(0)) await one.end();
    assert.deepEqual(world.slots.held, []);
  });

  async function join(workerId: string, autoClaim = true): Promise<Member> {
    const one = new Member(world, workerId, board, () => autoClaim);
    members.push(one);
    await settle();
    return one;
  }
  const queue = (...ids: readonly string[]): void => {
    for (const sessionId of ids) world.platform.add(aSession({ sessionId }));
  };

  it("share what is queued at once, however much sooner one of them polls", async () => {
    const [one, other] = [await join("worker-1"), await join("worker-2")];
    await world.clock.advance(31_000);
    queue("s1", "s2", "s3", "s4");
    one.worker.pollNow();
    await world.clock.until("all run", () => one.running + other.running === 4, 200_000);
    assert.deepEqual([one.running, other.running], [2, 2]);
  });

  it("give the one that runs less the first go at what comes later", async () => {
    const one = await join("worker-1");
    queue("s1", "s2");
    one.worker.pollNow();
    await world.clock.until("both run", () => one.running === 2);
    const other = await join("worker-2");
    await world.clock.advance(31_000);
    queue("s3");
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running + other.running === 3, 100_000);
    assert.deepEqual([one.running, other.running], [2, 1]);
  });

  it("hold nothing up for longer than a poll takes where the other does not take it", async () => {
    const one = await join("worker-1");
    const off = await join("worker-2", false);
    queue("s1");
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running === 1);
    queue("s2");
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running === 2, 2000);
    // One that claims by itself, and does not get to it.
    const at = world.clock.now();
    board.members.set("w", { workerId: "w", running: 0, hasRoom: true, pollMs: 30_000, at });
    queue("s3");
    one.worker.pollNow();
    const from = world.clock.monotonic();
    await world.clock.until("it runs", () => one.running === 3, 100_000);
    const waited = world.clock.monotonic() - from;
    assert.ok(waited > 30_000 && waited < 45_000, `${waited} ms`);
    assert.equal(off.running, 0);
  });

  const free: readonly (readonly [string, Partial<GroupMember>])[] = [
    ["is gone", { at: 0 }],
    ["has no room", { hasRoom: false }],
    ["runs as much", { running: 1 }],
  ];
  for (const [name, facts] of free) {
    it(`take at once what is queued while the other ${name}`, async () => {
      const one = await join("worker-1");
      queue("s1");
      one.worker.pollNow();
      await world.clock.until("it runs", () => one.running === 1);
      const at = world.clock.now();
      const member = { workerId: "w", running: 0, hasRoom: true, pollMs: 30_000, at, ...facts };
      board.members.set("w", member);
      queue("s2");
      one.worker.pollNow();
      await world.clock.until("it runs", () => one.running === 2, 2000);
    });
  }

  it("take at once what a person asks for, what is routed to one of them, and all while the board fails", async () => {
    const one = await join("worker-1");
    queue("s1");
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running === 1);
    const at = world.clock.now();
    board.members.set("w", { workerId: "w", running: 0, hasRoom: true, pollMs: 30_000, at });
    world.platform.add(aSession({ sessionId: "s2", workerId: "worker-1" }), aSession({ sessionId: "s3" }));
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running === 2, 2000);
    one.worker.claim("s3");
    await world.clock.until("it runs", () => one.running === 3, 2000);
    queue("s4");
    board.failure = new Error("the disk is full");
    one.worker.pollNow();
    await world.clock.until("it runs", () => one.running === 4, 2000);
  });
});
