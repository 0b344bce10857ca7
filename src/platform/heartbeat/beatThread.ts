import { Worker } from "node:worker_threads";
import { messageOf, type Log } from "../../base/log";
import { fromThreadSchema, type FromThread, type ThreadSetup, type ToThread } from "./messages";

/** The main thread's end of one heartbeat thread. */
export interface BeatThread {
  tell(message: ToThread): void;
  /** Resolves when the thread is gone, whatever the cause. */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

/** Starts the thread. Throws when the file cannot be run at all. */
export function startBeatThread(
  file: string,
  setup: ThreadSetup,
  log: Log,
  onMessage: (message: FromThread) => void,
): BeatThread {
  // The host's own flags (a debugger's port, say) are not the thread's.
  const worker = new Worker(file, { workerData: setup, execArgv: [], name: "one-horizon-heartbeat" });
  worker.on("message", (raw: unknown) => {
    const message = fromThreadSchema.safeParse(raw);
    if (message.success) onMessage(message.data);
  });
  worker.on("error", (error) => log.warn("the heartbeat thread failed", { message: messageOf(error) }));
  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => resolve());
  });
  return {
    tell: (message) => worker.postMessage(message),
    ended,
    end: async () => {
      await worker.terminate();
    },
  };
}
