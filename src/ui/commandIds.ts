/** Commands about one session: they take a row, `{sessionId}`, or ask. */
export const sessionVerbs = [
  "claim",
  "release",
  "resume",
  "fail",
  "approve",
  "approveForSession",
  "deny",
  "answer",
  "delegate",
  "publishBranch",
  "show",
  "showChanges",
  "showFile",
  "openFile",
  "revertFile",
  "compare",
  "openWorktree",
  "checkOut",
  "openThread",
  "openUrl",
  "openLog",
  "copyId",
  "copyPatch",
  "archive",
] as const;

export type SessionVerb = (typeof sessionVerbs)[number];
export type SessionCommandId = `oneHorizon.session.${SessionVerb}`;

/** Commands about the worker as a whole. */
const workerCommandIds = [
  "oneHorizon.auth.signIn",
  "oneHorizon.auth.signOut",
  "oneHorizon.worker.configure",
  "oneHorizon.worker.start",
  "oneHorizon.worker.stop",
  "oneHorizon.worker.pause",
  "oneHorizon.worker.resume",
  "oneHorizon.worker.restart",
  "oneHorizon.worker.menu",
  "oneHorizon.workflow.create",
  "oneHorizon.workflow.open",
  "oneHorizon.workflow.chooseTool",
  "oneHorizon.worktrees.cleanUp",
  "oneHorizon.diagnostics.check",
  "oneHorizon.diagnostics.copy",
  "oneHorizon.sandbox.start",
  "oneHorizon.sandbox.stop",
] as const;

export type WorkerCommandId = (typeof workerCommandIds)[number];

/** Commands about how the sessions view looks. */
const viewCommandIds = [
  "oneHorizon.sessions.filter",
  "oneHorizon.sessions.clearFilter",
  "oneHorizon.sessions.sort",
] as const;

export type ViewCommandId = (typeof viewCommandIds)[number];

/** Every command of the manifest: what users may bind and script. */
export type CommandId = WorkerCommandId | ViewCommandId | SessionCommandId;

/** Buttons of our own views. Not in the manifest, so neither palette nor scripts see them as ours to keep. */
export const internalCommandIds = [
  "oneHorizon.internal.openArtifact",
  "oneHorizon.internal.openFile",
  "oneHorizon.internal.openPlatform",
  "oneHorizon.internal.openRow",
  "oneHorizon.internal.showLog",
] as const;

export type InternalCommandId = (typeof internalCommandIds)[number];
export type ArtifactCommandId = Extract<InternalCommandId, "oneHorizon.internal.openArtifact">;
export type FileCommandId = Extract<InternalCommandId, "oneHorizon.internal.openFile">;
export type RowCommandId = Extract<InternalCommandId, "oneHorizon.internal.openRow">;

export function sessionCommandId<V extends SessionVerb>(verb: V): `oneHorizon.session.${V}` {
  return `oneHorizon.session.${verb}`;
}

/** All ids of the manifest. */
export const commandIds: readonly CommandId[] = [
  ...workerCommandIds,
  ...viewCommandIds,
  ...sessionVerbs.map((verb) => sessionCommandId(verb)),
];
