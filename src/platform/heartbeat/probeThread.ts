import { Worker } from "node:worker_threads";
import { untilAborted } from "../../base/background";

/** What a thread is asked, and says, that is only to show that it can be started. */
export const areYouThere = "are you there?";

/**
 * Starts the heartbeat's thread, which sends nothing, and ends it. Rejects when it does not start, and with the signal's
 * reason; the thread is gone in any case.
 * @param threadFile absolute path of its bundle.
 */
export async function probeThread(threadFile: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const thread = new Worker(threadFile, { workerData: areYouThere });
  try {
    const answer = new Promise<void>((resolve, reject) => {
      thread.once("message", (message: unknown) =>
        message === areYouThere ? resolve() : reject(new Error("the thread answered something else")),
      );
      thread.once("error", reject);
      thread.once("exit", () => reject(new Error("the thread ended without a word")));
    });
    await untilAborted(answer, signal);
  } finally {
    await thread.terminate();
  }
}
