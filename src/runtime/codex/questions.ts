import { isAbsolute, relative } from "node:path";
import { asWritten } from "../../base/words";
import type { Answer, Question } from "../../core/ports/person";
import type { Approvals } from "../../core/policy";
import { headOf } from "../textTail";
import { shownCommand } from "./shownCommand";
import {
  approvalParams,
  filePermissionParams,
  permissionParams,
  type ApprovalParams,
  userInputParams,
  type PermissionProfile,
} from "./protocol";

/** What the mapping has to know of the run. */
export interface RequestContext {
  readonly nowMs: number;
  readonly approvals: Approvals;
  readonly workingDirectory: string;
  /** The files of a change that was announced. */
  readonly filesOf: (itemId: string) => readonly string[];
}

/** A request that needs a person: what to ask, and how the tool wants the answer. */
export interface Asks {
  readonly question: Question;
  readonly answer: (given: Answer) => unknown;
  readonly interrupts: boolean;
}

/** What a person cannot be shown whole is not asked. */
const whatChars = 16_000;
const partChars = 4000;
const whyChars = 1000;
const questionsShown = 10;
const optionsShown = 10;

/** What an approval of a command grants besides. */
function grantedWith({
  networkApprovalContext: network,
  additionalPermissions: more,
}: ApprovalParams): string | undefined {
  const parts = [
    ...(network?.host === undefined || network.host === null
      ? []
      : [asWritten("network access to {0}", network.host)]),
    ...(more === undefined || more === null ? [] : [describe(more)]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** Undefined for params in an unknown form: such a request is declined. */
export function approvalQuestion(params: unknown, context: RequestContext): Asks | undefined {
  const asked = approvalParams.safeParse(params).data;
  if (asked === undefined) return undefined;
  const command = typeof asked.command === "string" ? shownCommand(asked.command) : undefined;
  const what = [command, grantedWith(asked)].filter((one) => one !== undefined).join("; with ");
  if (what === "" || what.length > whatChars) return undefined;
  const question = questionOf("command", what, asked.cwd, asked.reason, context);
  return {
    question: { ...question, forSession: true },
    answer: (given) => ({ decision: decisionOf(given) }),
    interrupts: false,
  };
}

/** Undefined also where nobody could say which files are meant: such a request is declined. */
export function fileQuestion(params: unknown, context: RequestContext): Asks | undefined {
  const asked = filePermissionParams.safeParse(params).data;
  if (asked === undefined) return undefined;
  const files = context.filesOf(asked.itemId).map((path) => insideOf(context.workingDirectory, path) ?? path);
  const root = asked.grantRoot ?? undefined;
  const what = `${files.join(", ")}${root === undefined ? "" : asWritten("; everything in {0}", root)}`;
  if (files.length === 0 || what.length > whatChars) return undefined;
  const question = questionOf("fileChange", what, undefined, asked.reason, context);
  return {
    question: { ...question, forSession: true },
    answer: (given) => ({ decision: decisionOf(given) }),
    interrupts: false,
  };
}

export function permissionQuestion(params: unknown, context: RequestContext): Asks | undefined {
  const asked = permissionParams.safeParse(params).data;
  if (asked === undefined) return undefined;
  const { network, fileSystem } = asked.permissions;
  const what = describe(asked.permissions);
  if (what.length > whatChars) return undefined;
  const question = questionOf("permission", what, asked.cwd, asked.reason, context);
  const wanted = {
    ...(network === undefined || network === null ? {} : { network }),
    ...(fileSystem === undefined || fileSystem === null ? {} : { fileSystem }),
  };
  return {
    question: { ...question, forSession: true },
    answer: (given) => {
      const decision = decisionOf(given);
      if (decision === "accept") return { permissions: wanted, scope: "turn" };
      if (decision === "acceptForSession") return { permissions: wanted, scope: "session" };
      return { permissions: {}, scope: "turn" };
    },
    interrupts: true,
  };
}

export function inputQuestion(params: unknown): Asks | undefined {
  const asked = userInputParams.safeParse(params).data;
  if (asked === undefined || asked.questions.length === 0) return undefined;
  const questions = asked.questions.slice(0, questionsShown);
  const parts = questions.map((one) => ({
    text: headOf(one.question, partChars),
    options: (one.options ?? []).slice(0, optionsShown).map((option) => headOf(option.label, 300)),
    secret: one.isSecret === true,
  }));
  const what = headOf(parts.map((part) => part.text).join(" "), whatChars);
  return {
    question: { about: "question", what, where: undefined, why: undefined, forSession: false, parts },
    answer: (given) => ({
      answers: Object.fromEntries(
        given.kind === "decision"
          ? []
          : questions.flatMap(({ id }, index) => {
              const text = given.texts[index] ?? given.texts[0];
              return text === undefined ? [] : [[id, { answers: [text] }] as const];
            }),
      ),
    }),
    interrupts: true,
  };
}

function questionOf(
  about: Question["about"],
  what: string,
  cwd: string | null | undefined,
  reason: string | null | undefined,
  { workingDirectory }: RequestContext,
): Question {
  const where = cwd === null || cwd === undefined ? undefined : (insideOf(workingDirectory, cwd) ?? cwd);
  return {
    about,
    what: headOf(what, whatChars),
    where: where === undefined || where === "" ? undefined : headOf(where, whyChars),
    why: reason === null || reason === undefined ? undefined : headOf(reason, whyChars),
    forSession: false,
    parts: [],
  };
}

/** The path below the folder, empty for the folder itself; undefined for one outside. */
function insideOf(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === ".." || way.startsWith("../") || way.startsWith("..\\") || isAbsolute(way) ? undefined : way;
}

const decisions = {
  approve: "accept",
  approveForSession: "acceptForSession",
  deny: "decline",
  cancel: "cancel",
} as const;

/** A text is no decision: nothing is granted by it. */
function decisionOf(given: Answer): (typeof decisions)[keyof typeof decisions] {
  return given.kind === "decision" ? decisions[given.decision] : "decline";
}

function describe({ network, fileSystem }: PermissionProfile): string {
  const parts = [
    network === undefined || network === null ? "" : `network: ${JSON.stringify(network)}`,
    fileSystem === undefined || fileSystem === null ? "" : `files: ${JSON.stringify(fileSystem)}`,
  ];
  return parts.filter((one) => one !== "").join("; ") || asWritten("further permissions");
}
