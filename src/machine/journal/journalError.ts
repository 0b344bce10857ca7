import { UnsafeFileError } from "../files";

/** Notes that could not be read or made durable. The message is a clause for the user, without a full stop. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** The error of a disk in words. */
export function diskTrouble(error: unknown, folder: string): JournalError {
  if (error instanceof JournalError) return error;
  if (error instanceof UnsafeFileError) {
    return new JournalError(error.message.replace(/\.$/, ""), { cause: error });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return new JournalError(`${wordsFor(code)} (${folder}${code === undefined ? "" : `, ${code}`})`, {
    cause: error,
  });
}

function wordsFor(code: string | undefined): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk has no room left";
    case "EROFS":
      return "the disk can only be read";
    case "EACCES":
    case "EPERM":
      return "the folder may not be written";
    case "EFBIG":
      return "the file may not grow any more";
    case "ENOENT":
    case "ENOTDIR":
      return "the folder was removed";
    case "EIO":
      return "the disk failed";
    default:
      return "the disk did not take it";
  }
}
