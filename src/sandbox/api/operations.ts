import { createDocument, saveTaskComment, uploadWorkspaceFile } from "./content";
import type { Handler } from "./context";
import { getCurrentUser, listAgents, listWorkspaces } from "./identity";
import * as sessions from "./sessions";
import * as workers from "./workers";

/** The handler of each operation that needs a signed-in user, by operationId. */
export const handlers: Readonly<Record<string, Handler>> = {
  getCurrentUser,
  listWorkspaces,
  listAgents,
  ...workers,
  ...sessions,
  uploadWorkspaceFile,
  saveTaskComment,
  createDocument,
};
