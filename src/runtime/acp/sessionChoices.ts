import type * as z from "zod/mini";
import type { RunPolicy } from "../../core/policy";
import { choice, choiceGroup, type ConfigOption, type SessionAnswer } from "./protocol";

/** Something to be set in a session, and how. */
export type Setting =
  | { readonly kind: "option"; readonly configId: string; readonly value: string }
  | { readonly kind: "mode"; readonly modeId: string };

/** Modes of known agents in which their own tools change nothing. */
const readingModes = ["read-only", "readonly", "plan"];
/** Modes that let edits in the working directory pass without a question, narrowest first. */
const workingModes = [
  "workspace-write",
  "acceptEdits",
  "auto_edit",
  "autoEdit",
  "auto-edit",
  "agent",
  "code",
  "build",
];
/** Modes without any bounds. They are chosen by nobody but the owner, with the agent's own settings and full access. */
const boundless = /full.?access|bypass|yolo|dontask|danger/i;

export interface ModeChoice {
  /** Undefined where the mode that holds fits. */
  readonly setting: Setting | undefined;
  /** Why the run must not go on. */
  readonly refused: string | undefined;
  readonly warning: string | undefined;
}

/** The agent's own mode that fits the owner's policy; never one that is wider. Pure. */
export function modeFor(policy: RunPolicy, answer: SessionAnswer): ModeChoice {
  const none: ModeChoice = { setting: undefined, refused: undefined, warning: undefined };
  if (policy.sandbox === "danger-full-access") return none;
  const offered = offeredModes(answer);
  const reads = policy.sandbox === "read-only";
  const wanted = (reads ? readingModes : workingModes).find((one) => offered.ids.includes(one));
  if (wanted !== undefined) {
    return { ...none, setting: wanted === offered.current ? undefined : offered.set(wanted) };
  }
  if (offered.current !== undefined && boundless.test(offered.current)) {
    return { ...none, refused: `The agent would run in its mode ${offered.current.slice(0, 100)}` };
  }
  return reads ? { ...none, warning: noReading } : none;
}

const noReading =
  "The agent has no mode in which it only reads, so only the worker's own file and terminal access is closed to it.";

interface OfferedModes {
  readonly ids: readonly string[];
  readonly current: string | undefined;
  readonly set: (id: string) => Setting;
}

function offeredModes({ modes, configOptions }: SessionAnswer): OfferedModes {
  const option = optionFor(configOptions ?? [], "mode");
  if (option !== undefined) {
    const set = (value: string): Setting => ({ kind: "option", configId: option.id, value });
    return { ids: valuesOf(option).map((one) => one.value), current: currentOf(option), set };
  }
  return {
    ids: modes?.availableModes.map((one) => one.id) ?? [],
    current: modes?.currentModeId,
    set: (modeId) => ({ kind: "mode", modeId }),
  };
}

export interface OptionChoice {
  readonly setting: Setting | undefined;
  readonly warning: string | undefined;
}

/** How the owner's model or effort is set, where the agent offers it. Pure. */
export function optionChoice(
  options: readonly ConfigOption[],
  category: "model" | "thought_level",
  wanted: string | undefined,
): OptionChoice {
  if (wanted === undefined) return { setting: undefined, warning: undefined };
  const key = category === "model" ? "runtime.model" : "runtime.effort";
  const option = optionFor(options, category);
  if (option === undefined) {
    return { setting: undefined, warning: `The agent offers no such choice, so ${key} has no effect.` };
  }
  const same = (one: string): boolean => one.toLowerCase() === wanted.toLowerCase();
  const values = valuesOf(option);
  const found = values.find(({ value }) => same(value)) ?? values.find(({ name }) => same(name ?? ""));
  if (found === undefined) {
    const known = values.slice(0, 10).map((one) => one.value.slice(0, 100));
    const warning = `The agent does not offer ${wanted}, so ${key} has no effect. It offers ${known.join(", ") || "nothing"}.`;
    return { setting: undefined, warning };
  }
  if (found.value === currentOf(option)) return { setting: undefined, warning: undefined };
  return { setting: { kind: "option", configId: option.id, value: found.value }, warning: undefined };
}

/** The model that a session works with, as the agent calls it. Pure. */
export function modelOf(options: readonly ConfigOption[]): string | undefined {
  const option = optionFor(options, "model");
  return option === undefined ? undefined : currentOf(option)?.slice(0, 200);
}

function optionFor(options: readonly ConfigOption[], category: string): ConfigOption | undefined {
  return options.find((one) => one.type === "select" && one.category === category);
}

function currentOf({ currentValue }: ConfigOption): string | undefined {
  return typeof currentValue === "string" ? currentValue : undefined;
}

type Choice = z.infer<typeof choice>;

function valuesOf({ options }: ConfigOption): readonly Choice[] {
  return (options ?? []).flatMap((one): readonly Choice[] => {
    const group = choiceGroup.safeParse(one).data;
    if (group !== undefined) return group.options;
    const single = choice.safeParse(one).data;
    return single === undefined ? [] : [single];
  });
}
