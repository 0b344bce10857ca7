import fc from "fast-check";
import type { TimelineEntry, TimelineFact } from "../../src/core/timeline";

const text = fc.string({ maxLength: 30 });
const number = fc.option(fc.nat(10_000), { nil: undefined });
const usage = fc.record({
  ...{ inputTokens: fc.nat(), cachedInputTokens: fc.nat(), outputTokens: fc.nat() },
  ...{ reasoningOutputTokens: fc.nat(), totalTokens: fc.nat(), contextWindow: number },
});

/** Any fact that a timeline may hold, in any order and with any clock. */
const anyFact: fc.Arbitrary<TimelineFact> = fc.oneof(
  fc.record({
    kind: fc.constant("command" as const),
    command: text,
    status: fc.constantFrom("running" as const, "succeeded" as const, "failed" as const, "ended" as const),
    exitCode: number,
    durationMs: number,
    outputTail: text,
  }),
  fc.record({ kind: fc.constant("message" as const), text, final: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("reasoning" as const, "activity" as const), text }),
  fc.record({
    kind: fc.constant("files" as const),
    files: fc.array(
      fc.record({
        path: text,
        change: fc.constantFrom("add" as const, "update" as const, "delete" as const),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant("question" as const),
    text,
    status: fc.constantFrom("open" as const, "answered" as const, "withdrawn" as const),
    answer: fc.option(text, { nil: undefined }),
    waitedMs: number,
  }),
  fc.record({
    kind: fc.constant("worker" as const),
    text,
    level: fc.constantFrom("info" as const, "warning" as const, "error" as const),
    step: fc.constantFrom(
      ...([undefined, "preparing", "working", "finishing", "interrupted", "lost", "ended"] as const),
    ),
    attempt: number,
  }),
  fc.record({ kind: fc.constant("usage" as const), usage, contextTokens: number }),
);

export const anyEntries: fc.Arbitrary<TimelineEntry[]> = fc
  .array(fc.record({ at: fc.nat(100_000), fact: anyFact }), { maxLength: 40 })
  .map((all) => all.map(({ at, fact }, index): TimelineEntry => ({ id: `e${index}`, at, ...fact })));
