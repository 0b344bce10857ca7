import * as z from "zod/mini";

const text = z.string().check(z.minLength(1), z.maxLength(20_000));
const gate = z.string().check(z.regex(/^[\w-]{1,60}$/));
const planSchema = z.array(
  z.strictObject({ step: text, status: z.enum(["pending", "in_progress", "completed"]) }),
);

/** One thing the scripted model does. `{{file}}` in a text stands for this turn's own file name, `{{turn}}` for its own mark. */
const stepSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("message"), text }),
  z.strictObject({ type: z.literal("reasoning"), text }),
  z.strictObject({ type: z.literal("plan"), explanation: z.optional(text), plan: planSchema }),
  /** `justification`: asks to run outside the sandbox, which needs an approval. */
  z.strictObject({ type: z.literal("command"), cmd: text, justification: z.optional(text) }),
  z.strictObject({ type: z.literal("file"), path: z._default(text, "{{file}}"), content: text }),
  /** A patch in the tool's own words. */
  z.strictObject({ type: z.literal("patch"), patch: text }),
  /** A tool of the client. `once`: not asked again in a later turn of the same thread. */
  z.strictObject({
    type: z.literal("toolCall"),
    name: text,
    arguments: z.record(z.string(), z.unknown()),
    once: z._default(z.boolean(), false),
  }),
  /** Waits until the gate is released through the dashboard API. */
  z.strictObject({ type: z.literal("gate"), name: gate }),
  /** Runs the command again and again until the gate is released. */
  z.strictObject({ type: z.literal("repeat"), cmd: text, until: gate }),
  z.strictObject({ type: z.literal("pause"), ms: z.number().check(z.nonnegative(), z.lte(60_000)) }),
  /** `times: 0`: each time; else this often in one turn. */
  z.strictObject({
    type: z.literal("error"),
    status: z.number().check(z.int(), z.gte(400), z.lte(599)),
    message: z.optional(text),
    code: z.optional(text),
    retryAfterSeconds: z.optional(z.number()),
    times: z._default(z.number(), 0),
  }),
  /** Cuts the stream in the middle. */
  z.strictObject({ type: z.literal("cut"), times: z._default(z.number(), 0) }),
  z.strictObject({ type: z.literal("final"), text }),
]);

export type Step = z.infer<typeof stepSchema>;

/** What a script of a run acts by. */
export interface StepAt {
  readonly mode: string;
  /** How many reviews of this run's branch have asked for changes and are over. */
  readonly feedbacks: number;
}

/** Plays the part of each mode of a workflow run. */
export type RunScript = (at: StepAt) => readonly Step[];

/** What the model does, turn by turn; the last turn is repeated. */
export interface Script {
  readonly name: string;
  readonly turns: readonly (readonly Step[])[];
  /** What it does instead in a step of a workflow run. */
  readonly inRun?: RunScript;
}

const oneChoice = z.strictObject({
  script: z.optional(z.string()),
  turns: z.optional(z.array(z.array(stepSchema)).check(z.minLength(1))),
});

/** The next threads take the queue's entries one by one, all others `script` or `turns`. */
export const modelChoiceSchema = z.extend(oneChoice, { queue: z.optional(z.array(oneChoice)) });

export type OneChoice = z.infer<typeof oneChoice>;
export type ModelChoice = z.infer<typeof modelChoiceSchema>;
