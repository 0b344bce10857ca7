import { DiskError } from "../diskTrouble";
import { UnsafeFileError } from "../files";

/** Notes that could not be read or made durable. The message is a clause for the user, without a full stop. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** What went wrong in a journal's folder, in words. */
export function journalTrouble(error: unknown, folder: string): JournalError {
  if (error instanceof JournalError) return error;
  if (error instanceof UnsafeFileError) {
    return new JournalError(error.message.replace(/\.$/, ""), { cause: error });
  }
  const trouble = error instanceof DiskError ? error : new DiskError(error, folder);
  return new JournalError(trouble.message, { cause: error });
}
