import * as z from "zod/mini";

const texts = z.record(z.string(), z.string());
const common = {
  marker: z.string(),
  command: z.array(z.string()),
  keeper: z.object({ execPath: z.string(), bundlePath: z.string() }),
};

/** What the host of one round does. */
export const planSchema = z.discriminatedUnion("kind", [
  z.object({ ...common, kind: z.literal("tool"), folder: z.string() }),
  z.object({
    ...common,
    kind: z.literal("codex"),
    environment: texts,
    project: z.string(),
    artifacts: z.string(),
  }),
]);
export type Plan = z.infer<typeof planSchema>;

/** What it says of it, one JSON object a line: all helpers run; the run is over, with the failure's reason. */
export const hostLineSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("ended"), how: z.string() }),
]);
export type HostLine = z.infer<typeof hostLineSchema>;

/**
 * What a tool may leave behind, each ready at once: a helper in its group, one that ignores TERM in a session of its own,
 * a daemon (forked twice, no open pipe), and one that has a new process number every few milliseconds.
 */
const helpers = [
  "sleep 1000 &",
  `setsid sh -c "trap '' TERM HUP INT; sleep 1000; :" &`,
  `(setsid sh -c "exec 0<&- 1>&- 2>&-; trap '' TERM HUP; sleep 1000; :" &);`,
  `(trap '' TERM HUP; while :; do sleep 0.02; done) &`,
].join(" ");

export const cheapTool: readonly string[] = ["sh", "-c", `${helpers} echo ready; exec cat`];
export const codexCommand = `${helpers} echo started; sleep 1000`;
