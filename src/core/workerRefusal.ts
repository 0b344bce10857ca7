import { say } from "../base/words";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { Platform, WorkerPath } from "./ports/platform";
import { ExitRequest } from "./workerExit";

/**
 * What a refused poll or worker call means for the worker. Throws ExitRequest when it has to end. A 403 or 404 says
 * nothing until the worker record was read: only its refusal means that the worker is rejected.
 */
export async function judgeRefusal(
  platform: Pick<Platform, "getWorker">,
  path: WorkerPath,
  error: PlatformError,
  signal: AbortSignal,
): Promise<void> {
  if (PlatformError.is(error, "signedOut", "unauthorized")) {
    throw new ExitRequest({ kind: "signedOut", message: error.message });
  }
  if (!PlatformError.is(error, "forbidden", "notFound")) return;
  try {
    await platform.getWorker(path, signal);
  } catch (second) {
    signal.throwIfAborted();
    if (PlatformError.is(second, "signedOut", "unauthorized")) {
      throw new ExitRequest({ kind: "signedOut", message: second.message });
    }
    if (!PlatformError.is(second, "forbidden", "notFound")) return;
    throw new ExitRequest({ kind: "rejected", message: troubleWith(second, say) });
  }
}
