import { constants } from "node:fs";
import { lstat, open, realpath, type FileHandle } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { maxWorkflowBytes } from "./limits";
import { defaultWorkflowConfig, parseWorkflow, type ParsedWorkflow } from "./parseWorkflow";
import { fileProblem } from "./problem";
import { liesInSessionWorktree } from "./sessionWorktree";

export interface WorkflowFile {
  /** Absolute path where the file is or would be. */
  readonly path: string;
  /** Where the file really is, links followed; undefined where it is not read. */
  readonly realPath: string | undefined;
  /** False when there is none and the defaults hold. */
  readonly exists: boolean;
  /** Why the file is not even read; undefined when it is, or there is none. */
  readonly refused: string | undefined;
  readonly workflow: ParsedWorkflow;
}

/**
 * Reads the workflow file of the opened folder. It must lie inside that folder, also after symbolic links are followed, and
 * in no other repository or worktree below it, so that nothing outside can instruct the worker. Never throws: what cannot
 * be read is a broken workflow.
 * @param folder absolute path of the opened, trusted folder.
 * @param setting the `workflow.path` setting.
 */
export async function readWorkflow(
  folder: string,
  setting: string,
  homeDirectory: string,
): Promise<WorkflowFile> {
  const path = resolve(folder, setting);
  const refuse = (refused: string): WorkflowFile => ({
    ...{ path, realPath: undefined, exists: true, refused },
    workflow: { kind: "broken", problems: [fileProblem(refused)], warnings: [] },
  });
  if (setting === "" || setting.includes("\0") || !isInside(resolve(folder), path)) {
    return refuse(
      asWritten("The setting oneHorizon.workflow.path must name a file inside the opened folder."),
    );
  }
  try {
    const realPath = await realpath(path);
    const refused = await whyForeign(await realpath(folder), realPath, homeDirectory);
    if (refused !== undefined) return refuse(refused);
    const text = await readBounded(realPath);
    if (typeof text !== "string") return refuse(text.refused);
    const workflow = parseWorkflow(text, homeDirectory);
    return { path, realPath, exists: true, refused: undefined, workflow };
  } catch (error) {
    if (!isMissing(error)) {
      return refuse(asWritten("The workflow file could not be read: {0}", messageOf(error)));
    }
    if (await isLink(path)) return refuse(asWritten("The workflow file is a link that leads nowhere."));
    const config = defaultWorkflowConfig(homeDirectory);
    const workflow = { kind: "ok", config, warnings: [] } as const;
    return { path, realPath: undefined, exists: false, refused: undefined, workflow };
  }
}

/** Both are real paths. */
async function whyForeign(folder: string, file: string, home: string): Promise<string | undefined> {
  if (!isInside(folder, file)) {
    return asWritten("The workflow file is a link that leads out of the opened folder, so it is not read.");
  }
  for (let parent = dirname(file); isInside(folder, parent); parent = dirname(parent)) {
    if (await exists(join(parent, ".git"))) {
      return asWritten(
        "The workflow file lies in another repository or worktree inside the opened folder, so it is not read.",
      );
    }
  }
  if (await liesInSessionWorktree(folder, home)) {
    return asWritten(
      "The opened folder is a session's worktree, where a coding tool wrote, so its workflow file is not read. Open your own checkout.",
    );
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function isLink(path: string): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined);
  return facts?.isSymbolicLink() === true;
}

async function readBounded(real: string): Promise<string | { readonly refused: string }> {
  // A link put in place after the check is not followed, and a pipe does not block. Windows has neither flag.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(real, flags);
  try {
    if (!(await handle.stat()).isFile()) {
      return { refused: asWritten("The workflow path does not name a file.") };
    }
    const bytes = await readUpTo(handle, maxWorkflowBytes + 1);
    if (bytes.byteLength > maxWorkflowBytes) {
      return { refused: asWritten("The file is larger than {0} kB.", maxWorkflowBytes / 1000) };
    }
    return decode(bytes) ?? { refused: asWritten("The file is not UTF-8 text.") };
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
