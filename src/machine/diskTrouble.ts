import { asWritten } from "../base/words";
/** A disk that did not do what it was told. The message is a clause for the user, without a full stop. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  /** The system's own name for it, for example ENOSPC. */
  readonly code: string | undefined;

  constructor(cause: unknown, folder: string) {
    const code = codeOf(cause);
    super(`${wordsFor(code)} (${folder}${code === undefined ? "" : `, ${code}`})`, { cause });
    this.code = code;
  }
}

/** Runs what writes in a folder, and tells its failure in words. @throws DiskError */
export async function inDiskWords<T>(folder: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw codeOf(error) === undefined || error instanceof DiskError ? error : new DiskError(error, folder);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function wordsFor(code: string | undefined): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return asWritten("the disk has no room left");
    case "EROFS":
      return asWritten("the disk can only be read");
    case "EACCES":
    case "EPERM":
      return asWritten("the folder may not be written");
    case "EFBIG":
      return asWritten("the file may not grow any more");
    case "ENOENT":
      return asWritten("the folder was removed");
    case "ENOTDIR":
    case "EEXIST":
      return asWritten("something else is in the folder's place");
    case "EIO":
      return asWritten("the disk failed");
    default:
      return asWritten("the disk did not take it");
  }
}
