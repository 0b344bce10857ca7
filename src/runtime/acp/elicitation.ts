import type { Answer, Question } from "../../core/ports/person";
import { headOf } from "../textTail";
import { questionParams, type Property } from "./protocol";

type Value = string | number | boolean | readonly string[];
type Elicited =
  { readonly action: "decline" | "cancel" } | { readonly action: "accept"; readonly content: object };

interface AskedForm {
  readonly question: Question;
  readonly answer: (given: Answer) => Elicited;
}

const partsShown = 10;
const partChars = 4000;
const optionsShown = 10;
const optionChars = 300;

/** A form of the agent as questions, one for each field. Undefined for what cannot be asked here, such as a web page. Pure. */
export function formQuestion(params: unknown): AskedForm | undefined {
  const asked = questionParams.safeParse(params).data;
  if (asked === undefined) return undefined;
  const fields = Object.entries(asked.requestedSchema.properties ?? {}).slice(0, partsShown);
  const parts =
    fields.length === 0
      ? [{ text: headOf(asked.message, partChars), options: [], secret: false }]
      : fields.map(([name, field]) => partOf(name, field, fields.length === 1 ? asked.message : undefined));
  const what = headOf(asked.message, partChars);
  return {
    question: { about: "question", what, where: undefined, why: undefined, forSession: false, parts },
    answer: (given) => {
      if (given.kind === "decision") return { action: given.decision === "cancel" ? "cancel" : "decline" };
      const content = Object.fromEntries(
        fields.flatMap(([name, field], at) => {
          const value = valueOf(field, given.texts[at] ?? given.texts[0] ?? "");
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
      return { action: "accept", content };
    },
  };
}

function partOf(name: string, field: Property, message: string | undefined): Question["parts"][number] {
  const words = [message, field.title ?? (message === undefined ? name : undefined), field.description];
  const text = [...new Set(words.filter((one) => one !== undefined && one !== null && one !== ""))].join(
    "\n",
  );
  const options = choicesOf(field).map(({ shown }) => headOf(shown, optionChars));
  return { text: headOf(text, partChars), options: options.slice(0, optionsShown), secret: false };
}

function choicesOf(field: Property): readonly { readonly shown: string; readonly value: string }[] {
  if (field.type === "boolean") return ["yes", "no"].map((one) => ({ shown: one, value: one }));
  return [
    ...(field.enum ?? []).map((one) => ({ shown: one, value: one })),
    ...(field.oneOf ?? []).map((one) => ({ shown: one.title ?? one.const, value: one.const })),
  ];
}

/** The text as the field's type has it; undefined where it does not fit: the agent asks again or goes on without. */
function valueOf(field: Property, text: string): Value | undefined {
  const chosen = choicesOf(field).find((one) => headOf(one.shown, optionChars) === text)?.value ?? text;
  switch (field.type) {
    case "boolean":
      return /^(yes|true|y|1)$/i.test(chosen.trim())
        ? true
        : /^(no|false|n|0)$/i.test(chosen.trim())
          ? false
          : undefined;
    case "number":
    case "integer": {
      const number = Number(chosen);
      return chosen.trim() === "" || !Number.isFinite(number) ? undefined : number;
    }
    case "array":
      return chosen.split("\n").filter((one) => one !== "");
    default:
      return chosen;
  }
}
