import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { emptyOutbox, type OutboxEntry } from "../../../src/core/outbox";
import type { AttemptRecord } from "../../../src/core/ports/journal";
import { openJournal, readJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { aRecord } from "../../fakes/builders";
import { diskError, MemoryDisk } from "../../fakes/memoryDisk";

const dayMs = 24 * 3_600_000;
let now = Date.parse("2026-03-10T12:00:00Z");
const context = { clock: { ...systemClock, now: () => now }, log: silentLog };
let disk: MemoryDisk;
const open = async (one = disk): Promise<OpenedJournal> => await openJournal(one, context);
const ids = (journal: { list(): readonly AttemptRecord[] }): readonly string[] =>
  journal.list().map((one) => one.sessionId);
const said = (entryId: string): OutboxEntry => ({
  kind: "said",
  said: { entryId, type: "progress", text: `line ${entryId}`, at: 5 },
});

beforeEach(() => {
  disk = new MemoryDisk();
  now = Date.parse("2026-03-10T12:00:00Z");
});

describe("journal", () => {
  it("has what was saved on the disk when save resolves, every field of it", async () => {
    const journal = await open();
    assert.deepEqual(journal.list(), []);
    const full = aRecord({
      worktreePath: "/w",
      workingDirectory: "/w/a",
      baseCommit: "b",
      baseBranch: "main",
      headCommit: "h",
      threadId: "t",
      marker: "m",
      tries: 2,
      step: "finishing",
      ran: { kind: "failed", reason: "outOfQuota", message: "no quota" },
      ending: {
        finish: { kind: "complete", summary: undefined },
        activityId: "a9",
        byPerson: true,
        detail: "because",
        fault: { reason: "storage", message: "full" },
      },
      endedAt: now,
      detail: "because\n\u2028\ud83d\ude00",
      stat: { files: 1, added: 2, deleted: 3 },
      usage: {
        inputTokens: 5,
        cachedInputTokens: 4,
        outputTokens: 3,
        reasoningOutputTokens: 2,
        totalTokens: 8,
        contextWindow: undefined,
      },
      folders: "f 1:2",
      artifacts: {
        files: [
          {
            artifactId: "a1",
            name: "shot.png",
            mediaType: "image/png",
            size: 5,
            binary: true,
            upload: "uploaded",
            fileId: "file-1",
            url: "https://example.com/f",
          },
        ],
        refused: [{ name: "x.zip", why: "no" }],
        unnamed: 2,
        reference: "r1",
        comment: "sending",
      },
      asked: {
        questionId: "q1",
        askedAt: now,
        about: "question",
        what: "Which?",
        where: undefined,
        why: undefined,
        forSession: false,
        parts: [{ text: "Which?", options: ["left"], secret: true }],
      },
      run: {
        runId: "r",
        stepId: "st",
        mode: "review",
        branch: "b",
        parentId: "above",
        nextTarget: { targetWorkerId: undefined, targetGroupId: "g" },
        pushed: { commit: "c", remote: "origin" },
        confirmed: true,
        summary: "Done",
        verdict: { verdict: "approve", reason: "It holds.", accepted: true },
        document: { reference: "d", state: "writing" },
        modelWrote: true,
        writing: { title: "Plan", content: "1. Look." },
        kept: "text",
        words: { prompt: "Review", title: undefined },
        delegated: [{ sessionId: "x", targetWorkerId: "w", targetGroupId: undefined }],
        child: { sessionId: undefined },
      },
      used: [
        { key: "k1", text: "done" },
        { key: "k2", text: undefined },
      ],
      documents: "## Plan",
      provider: "acp",
      told: { threadId: "t", texts: ["k1", "k2"] },
      releasedByPerson: true,
    });
    const ran = { kind: "completed", finalMessage: undefined } as const;
    const plain = aRecord({
      sessionId: "s2",
      ran,
      usage: undefined,
      folders: undefined,
      artifacts: undefined,
      asked: undefined,
      used: undefined,
      documents: undefined,
      told: undefined,
      run: {
        runId: undefined,
        stepId: undefined,
        mode: "plan",
        branch: undefined,
        parentId: undefined,
        nextTarget: undefined,
        pushed: undefined,
        confirmed: false,
        summary: undefined,
        verdict: undefined,
        document: undefined,
        modelWrote: false,
        kept: undefined,
        words: undefined,
        delegated: [],
        child: "creating",
      },
    });
    await Promise.all([journal.save(full), journal.save(plain)]);
    assert.deepEqual(journal.list(), [full, plain]);
    assert.deepEqual((await open(new MemoryDisk(disk.files))).list(), [full, plain]);
  });

  it("keeps the last of many saves of one session in one write for those that wait", async () => {
    const journal = await open();
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        journal.save(aRecord({ sessionId: `s/${n % 3}`, tries: n, startedAt: n % 3 })),
      ),
    );
    const tries = [57, 58, 59];
    assert.deepEqual(
      journal.list().map((one) => one.tries),
      tries,
    );
    assert.ok(disk.appends <= 2, String(disk.appends));
    assert.deepEqual(
      (await open()).list().map((one) => one.tries),
      tries,
    );
  });

  it("keeps the outbox of a claim over a restart", async () => {
    const journal = await open();
    const activity = {
      activityId: "a1",
      sequence: 1,
      type: "progress",
      message: "x",
      occurredAt: 3,
    } as const;
    await journal.save(aRecord());
    await journal.append("s1", "c1", said("1"));
    await journal.append("s1", "c1", said("2"));
    await journal.append("s1", "c1", { kind: "sending", activity, covers: ["1"] });
    await journal.append("s1", "c1", {
      kind: "noted",
      metadata: { providerThreadId: "t", status: "active" },
    });
    const expected = journal.outbox("s1", "c1");
    assert.equal(expected.sending?.activityId, "a1");
    assert.deepEqual(journal.outbox("s1", "c2"), emptyOutbox);
    await open();
    assert.deepEqual((await open()).outbox("s1", "c1"), expected);
    assert.deepEqual((await open()).outbox("s1", "c1"), expected, "the snapshot says the same");
  });

  it("knows every kind of entry", async () => {
    const activity = {
      activityId: "a",
      sequence: 1,
      type: "url",
      message: "x",
      url: "u",
      occurredAt: 1,
    } as const;
    const state = { ...emptyOutbox, sending: activity };
    const kinds: { readonly [K in OutboxEntry["kind"]]: OutboxEntry & { readonly kind: K } } = {
      said: { kind: "said", said: { entryId: "1", type: "plan", text: "x", at: 5 } },
      sending: { kind: "sending", activity, covers: [] },
      accepted: { kind: "accepted", activityId: "a", sequence: 1 },
      refused: { kind: "refused", activityId: "a" },
      noted: { kind: "noted", metadata: { plan: "p" } },
      patched: { kind: "patched", metadata: { plan: "q" } },
      carried: { kind: "carried", from: state },
      restated: { kind: "restated", state },
    };
    for (const entry of Object.values(kinds)) {
      const journal = await open();
      await journal.append("s1", "c1", entry);
      const after = journal.outbox("s1", "c1");
      assert.deepEqual((await open()).outbox("s1", "c1"), after, entry.kind);
    }
  });

  it("drops the outbox with the end of the attempt, and older claims' once they are carried over", async () => {
    const journal = await open();
    for (const session of ["done", "lost", "again"]) {
      await journal.save(aRecord({ sessionId: session }));
      await journal.append(session, "c1", said("1"));
    }
    await journal.save(aRecord({ sessionId: "done", outcome: "completed", endedAt: now }));
    await journal.save(aRecord({ sessionId: "lost", outcome: "abandoned", endedAt: now }));
    await journal.append("again", "c2", { kind: "carried", from: journal.outbox("again", "c1") });
    for (const one of [journal, await open(), await open()]) {
      assert.deepEqual(one.outbox("done", "c1"), emptyOutbox);
      assert.equal(one.outbox("lost", "c1").waiting.length, 1);
      assert.deepEqual(one.outbox("again", "c1"), emptyOutbox);
      assert.equal(one.outbox("again", "c2").waiting.length, 1);
    }
  });

  it("drops finished attempts after 30 days and beyond 500, and never one that runs", async () => {
    const journal = await open();
    const ended = { outcome: "completed", endedAt: now } as const;
    await journal.save(aRecord({ sessionId: "done", startedAt: 1, ...ended }));
    await journal.save(aRecord({ sessionId: "running", startedAt: 2 }));
    await journal.save(aRecord({ sessionId: "interrupted", outcome: "interrupted", startedAt: 3 }));
    for (const days of [28, 1, 1]) {
      now += days * dayMs;
      assert.deepEqual(ids(await open()), ["done", "running", "interrupted"]);
    }
    now += 1;
    assert.deepEqual(ids(await open()), ["running", "interrupted"]);
    const many = await open();
    const saves = Array.from({ length: 510 }, (_, n) =>
      many.save(aRecord({ sessionId: `n${n}`, outcome: "failed", endedAt: now - n, startedAt: 4 })),
    );
    await Promise.all(saves);
    const kept = ids(await open());
    assert.equal(kept.length, 502);
    assert.ok(kept.includes("n499") && !kept.includes("n500"));
  });

  it("drops nothing early because the clock is far ahead for a day or two", async () => {
    const first = now;
    await open();
    const journal = await open();
    await journal.save(aRecord({ sessionId: "done", outcome: "completed", endedAt: now }));
    for (const at of [first + dayMs, first + 400 * dayMs, first + 401 * dayMs, first + 401.3 * dayMs]) {
      now = at;
      assert.deepEqual(ids(await open()), ["done"]);
    }
    now = first + 2 * dayMs;
    assert.deepEqual(ids(await open()), ["done"]);
    for (const at of [first + 402 * dayMs, first + 403 * dayMs]) {
      now = at;
      assert.deepEqual(ids(await open()), ["done"]);
    }
    now = first + 404 * dayMs;
    assert.deepEqual(ids(await open()), [], "a third day says the same");
  });

  it("bounds texts instead of failing on them", async () => {
    await (await open()).save(aRecord({ title: "x".repeat(100_000), detail: "y".repeat(100_000) }));
    const [record] = (await open()).list();
    assert.deepEqual([record?.title.length, record?.detail?.length], [1000, 5000]);
  });

  it("writes nothing that it could not read again", async () => {
    const journal = await open();
    await assert.rejects(journal.save(aRecord({ startedAt: NaN })));
    await journal.save(aRecord({ sessionId: "s2" }));
    assert.deepEqual(ids(journal), ["s2"]);
    assert.deepEqual(ids(await open()), ["s2"]);
  });

  it("compacts a file that has grown, and goes on in the next one", async () => {
    const journal = await open();
    const detail = "t".repeat(5000);
    const first = disk.segments;
    for (let n = 0; n < 230; n += 1) await journal.save(aRecord({ detail, tries: n }));
    assert.equal(disk.segments.length, 1);
    assert.notDeepEqual(disk.segments, first);
    assert.ok(disk.bytes.length < 1_000_000, String(disk.bytes.length));
    assert.equal((await open()).list()[0]?.tries, 229);
  });

  it("goes on in a file that cannot be compacted", async () => {
    const journal = await open();
    disk.failing.set("create", diskError("EIO"));
    const detail = "t".repeat(5000);
    for (let n = 0; n < 440; n += 1) await journal.save(aRecord({ detail, tries: n }));
    disk.failing.clear();
    assert.equal((await open()).list()[0]?.tries, 439);
  });
});

describe("journal read by others", () => {
  it("changes nothing on the disk, not even where it is missing or damaged", async () => {
    assert.deepEqual(await readJournal(disk, context), []);
    assert.equal(disk.files.size, 0);
    const journal = await open();
    await journal.save(aRecord());
    await journal.save(aRecord({ sessionId: "s2" }));
    const name = disk.segments[0] ?? "";
    disk.files.set(name, Buffer.concat([disk.bytes.subarray(0, -30), Buffer.from("\n")]));
    const before = new Map(disk.files);
    const records = await readJournal(disk, context);
    assert.deepEqual(
      records.map((one) => one.sessionId),
      ["s1"],
    );
    assert.deepEqual(disk.files, before);
  });
});
