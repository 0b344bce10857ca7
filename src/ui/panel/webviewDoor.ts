import * as z from "zod/mini";
import { sessionVerbs } from "../commandIds";
import type { FromPanel, PanelMemory } from "./protocol";

/** Characters; what is longer is no message of ours. */
const most = { id: 300, words: 10_000, path: 4_096, url: 2_048, copied: 200_000, title: 2_000 } as const;

const text = (limit: number) => z.string().check(z.minLength(1), z.maxLength(limit));

const answer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("verb"),
    verb: z.enum(["approve", "approveForSession", "deny", "answer"]),
  }),
  z.object({ kind: z.literal("option"), text: text(most.words) }),
]);

const fromPanel = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("verb"), verb: z.enum(sessionVerbs) }),
  z.object({ kind: z.literal("answer"), questionId: text(most.id), answer }),
  z.object({ kind: z.literal("send"), questionId: text(most.id), text: text(most.words) }),
  z.object({ kind: z.literal("openFile"), path: text(most.path) }),
  z.object({ kind: z.literal("openLink"), url: text(most.url) }),
  z.object({ kind: z.literal("copy"), text: text(most.copied) }),
]);

const memory = z.object({
  sessionId: text(most.id),
  title: z.string().check(z.maxLength(most.title)),
});

/** A message of the webview; undefined for anything else. Fields that are not known are left out. */
export function parseFromPanel(value: unknown): FromPanel | undefined {
  return z.safeParse(fromPanel, value).data;
}

/** What a panel kept over a reload of its window; undefined where that is nothing of ours. */
export function parseMemory(value: unknown): PanelMemory | undefined {
  return z.safeParse(memory, value).data;
}
