import assert from "node:assert/strict";
import { LinkedAbort, neverAborted } from "../../../src/base/abort";
import { untilAborted, withBackground } from "../../../src/base/background";
import { DisposableStore, onDispose, type Disposable } from "../../../src/base/disposable";
import { Emitter } from "../../../src/base/emitter";
import { KeyedQueue } from "../../../src/base/keyedQueue";
import { messageOf, silentLog } from "../../../src/base/log";
import { ManualClock, settle } from "../../fakes/manualClock";

const clock = new ManualClock();
const untilStopped = (signal: AbortSignal): Promise<never> =>
  clock.sleep(1e12, signal).then(() => Promise.reject(new Error("woke")));

describe("an abort that follows another", () => {
  it("follows with the reason, until it is disposed", () => {
    const parent = new AbortController();
    const child = new LinkedAbort(parent.signal);
    const left = new LinkedAbort(parent.signal);
    left.dispose();
    parent.abort(new Error("over"));
    assert.equal(messageOf(child.signal.reason), "over");
    assert.equal(left.signal.aborted, false);
    assert.equal(new LinkedAbort(parent.signal).signal.aborted, true);
  });
});

describe("loops beside a body", () => {
  it("ends the loops with the body, and waits for them", async () => {
    let ended = false;
    const loop = async (signal: AbortSignal): Promise<never> => {
      try {
        return await untilStopped(signal);
      } finally {
        await settle();
        ended = true;
      }
    };
    assert.equal(await withBackground(neverAborted, [loop], async () => Promise.resolve("done")), "done");
    assert.equal(ended, true);
  });

  it("aborts the body with the error of the loop that failed first", async () => {
    const failing = async (): Promise<never> => {
      await settle();
      throw new Error("the loop broke");
    };
    const running = withBackground(neverAborted, [failing, untilStopped], async (signal) => {
      try {
        return await untilStopped(signal);
      } catch {
        throw new Error("an echo");
      }
    });
    await assert.rejects(running, /the loop broke/u);
  });

  it("hands on the body's own error and result, and the parent's abort", async () => {
    await assert.rejects(
      withBackground(neverAborted, [untilStopped], async () => Promise.reject(new Error("mine"))),
      /mine/u,
    );
    const stop = new AbortController();
    const running = withBackground(stop.signal, [untilStopped], untilStopped);
    stop.abort(new Error("parent"));
    await assert.rejects(running, /parent/u);
  });

  it("gives a promise up when the signal aborts, and lets no late rejection escape", async () => {
    const stop = new AbortController();
    const waiting = untilAborted(new Promise<never>(() => undefined), stop.signal);
    stop.abort(new Error("over"));
    await assert.rejects(waiting, /over/u);
    await assert.rejects(untilAborted(Promise.reject(new Error("unheard")), stop.signal), /over/u);
    await settle();
    assert.equal(await untilAborted(Promise.resolve(3), neverAborted), 3);
  });
});

describe("a keyed queue", () => {
  it("runs one key in order, other keys beside it, and goes on after a failure", async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const first = queue.run("a", async () => {
      log.push("a1");
      await gate;
      throw new Error("a1 failed");
    });
    const second = queue.run("a", async () => {
      log.push("a2");
      return Promise.resolve(2);
    });
    await queue.run("b", async () => Promise.resolve(log.push("b1")));
    assert.deepEqual(log, ["a1", "b1"]);
    open();
    await assert.rejects(first, /a1 failed/u);
    assert.equal(await second, 2);
    assert.deepEqual(log, ["a1", "b1", "a2"]);
  });
});

describe("an emitter", () => {
  it("tells every listener though one throws, and none after it was disposed", () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const heard: string[] = [];
    const late = emitter.event((value) => heard.push(`late ${value}`));
    const listener = (value: number): void => {
      heard.push(`a ${value}`);
    };
    emitter.event(() => {
      throw new Error("a bad listener");
    });
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    late.dispose();
    first.dispose();
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(heard, ["late 1", "a 1", "a 1", "a 2"]);
    assert.equal(errors.length, 2);
    emitter.dispose();
    emitter.fire(3);
    assert.equal(heard.length, 4);
  });

  it("does not tell a listener that another one disposed meanwhile", () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const others: Disposable[] = [];
    emitter.event(() => others[0]?.dispose());
    others.push(emitter.event(() => heard.push("second")));
    emitter.fire(1);
    assert.deepEqual(heard, []);
    emitter.dispose();
  });
});

describe("disposables", () => {
  it("disposes in reverse order, all of them, and joins the errors", () => {
    const store = new DisposableStore();
    const log: string[] = [];
    store.add(onDispose(() => log.push("first")));
    store.add(
      onDispose(() => {
        throw new Error("broken");
      }),
    );
    store.add(onDispose(() => log.push("last")));
    assert.throws(() => store.dispose(), AggregateError);
    assert.deepEqual(log, ["last", "first"]);
    store.dispose();
    store.add(onDispose(() => log.push("too late to keep")));
    assert.equal(log.length, 3);
    assert.equal(store.isDisposed, true);
  });

  it("runs an action once", () => {
    let times = 0;
    const once = onDispose(() => (times += 1));
    once.dispose();
    once.dispose();
    assert.equal(times, 1);
  });
});

describe("the log", () => {
  it("has a silent form and the message of anything", () => {
    silentLog.error("nothing happens");
    assert.equal(messageOf("text"), "text");
    assert.equal(messageOf(new Error("error")), "error");
  });
});
