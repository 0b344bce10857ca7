import { resolve } from "node:path";
import type { Host } from "./host";

/** Absolute path of the workflow file; undefined without an open folder. */
export function workflowPath({ folder, settings }: Pick<Host, "folder" | "settings">): string | undefined {
  const opened = folder();
  return opened === undefined ? undefined : resolve(opened, settings().workflow.path);
}
