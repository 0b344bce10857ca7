import { constants } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { messageOf } from "../base/log";
import { defaultWorkflowConfig, maxWorkflowBytes, parseWorkflow, type ParsedWorkflow } from "./parseWorkflow";
import { fileProblem } from "./problem";

export interface WorkflowFile {
  /** Absolute path where the file is or would be. */
  readonly path: string;
  /** False when there is none and the defaults hold. */
  readonly exists: boolean;
  readonly workflow: ParsedWorkflow;
}

/**
 * Reads the workflow file of the opened folder. It must lie inside that folder, also after symbolic links are followed,
 * so that nothing outside it can instruct the worker. Never throws: what cannot be read is a broken workflow.
 * @param folder absolute path of the opened, trusted folder.
 * @param setting the `workflow.path` setting.
 */
export async function readWorkflow(
  folder: string,
  setting: string,
  homeDirectory: string,
): Promise<WorkflowFile> {
  const path = resolve(folder, setting);
  const refuse = (message: string): WorkflowFile => ({
    path,
    exists: true,
    workflow: { kind: "broken", problems: [fileProblem(message)], warnings: [] },
  });
  if (setting === "" || setting.includes("\0") || !isInside(resolve(folder), path)) {
    return refuse("The setting oneHorizon.workflow.path must name a file inside the opened folder.");
  }
  try {
    const real = await realpath(path);
    if (!isInside(await realpath(folder), real)) {
      return refuse("The workflow file is a link that leads out of the opened folder, so it is not read.");
    }
    const text = await readBounded(real);
    if (typeof text !== "string") return refuse(text.refused);
    return { path, exists: true, workflow: parseWorkflow(text, homeDirectory) };
  } catch (error) {
    if (!isMissing(error)) return refuse(`The workflow file could not be read: ${messageOf(error)}`);
    const config = defaultWorkflowConfig(homeDirectory);
    return { path, exists: false, workflow: { kind: "ok", config, warnings: [] } };
  }
}

async function readBounded(real: string): Promise<string | { readonly refused: string }> {
  // A link put in place after the check is not followed, and a pipe does not block. Windows has neither flag.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(real, flags);
  try {
    if (!(await handle.stat()).isFile()) return { refused: "The workflow path does not name a file." };
    const bytes = await readUpTo(handle, maxWorkflowBytes + 1);
    if (bytes.byteLength > maxWorkflowBytes) {
      return { refused: `The file is larger than ${maxWorkflowBytes / 1000} kB.` };
    }
    return decode(bytes) ?? { refused: "The file is not UTF-8 text." };
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
