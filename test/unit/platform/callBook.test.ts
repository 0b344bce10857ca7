import assert from "node:assert/strict";
import { CallBook } from "../../../src/platform/callBook";

const noon = Date.parse("2026-03-10T12:00:00Z");

describe("the book of calls", () => {
  it("keeps the last end of each operation", () => {
    const book = new CallBook();
    assert.equal(book.last("claimSession"), undefined);
    book.ended("claimSession", 1, new Error("no"));
    book.ended("pollSessions", 2);
    book.ended("claimSession", 3);
    assert.deepEqual(book.last("claimSession"), { at: 3, failure: undefined });
    assert.deepEqual(book.last("pollSessions"), { at: 2, failure: undefined });
  });

  const heard: readonly (readonly [string | null, number, number, object | undefined])[] = [
    // Half a second into the second that the header names, in the middle of the round trip.
    ["Tue, 10 Mar 2026 12:00:00 GMT", noon, noon + 1_000, { aheadMs: 0, uncertaintyMs: 1_000 }],
    ["Tue, 10 Mar 2026 12:05:00 GMT", noon, noon, { aheadMs: 300_500, uncertaintyMs: 500 }],
    ["Tue, 10 Mar 2026 11:55:00 GMT", noon, noon, { aheadMs: -299_500, uncertaintyMs: 500 }],
    [null, noon, noon, undefined],
    ["yesterday", noon, noon, undefined],
    ["Tue, 10 Mar 2026 12:00:00 GMT", noon, noon - 5_000, undefined],
  ];
  for (const [date, sentAt, receivedAt, expected] of heard) {
    it(`reads the platform's time from ${String(date)}, ${receivedAt - sentAt} ms`, () => {
      const book = new CallBook();
      book.heardTime(date, sentAt, receivedAt);
      assert.deepEqual(book.serverTime, expected);
    });
  }
});
