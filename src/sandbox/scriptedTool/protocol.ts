import * as z from "zod/mini";
import { stepLines, type StepFacts } from "../stepLines";

/** A message of the client: a request, a notification, or an answer. */
export const messageSchema = z.looseObject({
  id: z.optional(z.union([z.number(), z.string()])),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
});

const sandboxModes = z.enum(["read-only", "workspace-write", "danger-full-access"]);

export const threadParams = z.looseObject({
  threadId: z.optional(z.string()),
  cwd: z.optional(z.nullable(z.string())),
  sandbox: z.optional(z.nullable(sandboxModes)),
  permissions: z.optional(z.nullable(z.string())),
  approvalPolicy: z.optional(z.nullable(z.string())),
  developerInstructions: z.optional(z.nullable(z.string())),
  dynamicTools: z.optional(z.nullable(z.array(z.looseObject({ name: z.string() })))),
});
export type ThreadParams = z.infer<typeof threadParams>;

export const turnParams = z.looseObject({ threadId: z.string() });

const sandboxTypes = {
  "read-only": "readOnly",
  "workspace-write": "workspaceWrite",
  "danger-full-access": "dangerFullAccess",
} as const;

/** The mode of the worker's permission profile of this name, `one-horizon-<mode>`: this tool reads no configuration. */
export function modeOf(profile: string | null | undefined): z.infer<typeof sandboxModes> | undefined {
  return sandboxModes.safeParse(profile?.replace(/^one-horizon-/, "")).data;
}

/** A thread as this tool keeps it. */
export interface Thread {
  readonly id: string;
  /** Undefined where the client named no folder: then nothing is written. */
  readonly folder: string | undefined;
  readonly sandbox: z.infer<typeof sandboxModes>;
  /** The permission profile that it was started with. */
  readonly profile: string | undefined;
  readonly approvals: string;
  /** The workflow step that it works on, as the client's instructions name it. */
  readonly step: StepFacts;
  /** The tools of the client. Undefined where a thread goes on in another process: they are kept over that. */
  readonly tools: ReadonlySet<string> | undefined;
  readonly createdAt: number;
}

/** What a client says about a thread's work, with what it said before. */
export function workOf(
  { developerInstructions, dynamicTools }: ThreadParams,
  known: Thread | undefined,
): Pick<Thread, "step" | "tools"> {
  return {
    step: stepLines([developerInstructions ?? ""]),
    tools: dynamicTools ? new Set(dynamicTools.map((one) => one.name)) : known?.tools,
  };
}

/** The record of a thread, in the words of the protocol. */
export function threadRecord(thread: Thread): object {
  const seconds = Math.floor(thread.createdAt / 1000);
  return {
    id: thread.id,
    sessionId: thread.id,
    preview: "",
    ephemeral: true,
    modelProvider: "scripted-tool",
    model: "scripted",
    createdAt: seconds,
    updatedAt: seconds,
    status: { type: "idle" },
    path: null,
    cwd: thread.folder ?? "",
    cliVersion: toolVersion,
    source: "vscode",
    gitInfo: null,
    name: null,
    turns: [],
  };
}

/** What a started or resumed thread is answered with. The rules are the ones that were asked for. */
export const threadAnswer = (thread: Thread): object => ({
  thread: threadRecord(thread),
  model: "scripted",
  modelProvider: "scripted-tool",
  cwd: thread.folder ?? "",
  approvalPolicy: thread.approvals,
  sandbox: {
    type: sandboxTypes[thread.sandbox],
    writableRoots: [],
    networkAccess: false,
    excludeTmpdirEnvVar: true,
    excludeSlashTmp: true,
  },
  activePermissionProfile: thread.profile === undefined ? null : { id: thread.profile, extends: null },
  reasoningEffort: null,
});

/** The version of the protocol that this tool speaks. */
export const toolVersion = "0.169.0";

export type TurnStatus = "inProgress" | "completed" | "interrupted" | "failed";

export interface Turn {
  readonly id: string;
  readonly startedAt: number;
  readonly items: object[];
}

/** The record of a turn, in the words of the protocol. */
export function turnRecord(turn: Turn, status: TurnStatus, now: number, error: string | null = null): object {
  const isOver = status !== "inProgress";
  return {
    id: turn.id,
    rootTurnId: turn.id,
    items: isOver ? turn.items.slice(-1) : [],
    itemsView: isOver ? "summary" : "notLoaded",
    status,
    error: error === null ? null : { message: error, codexErrorInfo: "other", additionalDetails: null },
    startedAt: Math.floor(turn.startedAt / 1000),
    completedAt: isOver ? Math.floor(now / 1000) : null,
    durationMs: isOver ? now - turn.startedAt : null,
  };
}
