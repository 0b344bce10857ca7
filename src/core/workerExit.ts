/** Why a worker's run ended. */
export type WorkerExit =
  | { readonly kind: "stopped"; readonly bySignal: boolean }
  /** Exit and start fresh; the fresh worker acknowledges. */
  | { readonly kind: "restart"; readonly signalId: string | undefined }
  | { readonly kind: "rejected"; readonly message: string }
  | { readonly kind: "signedOut"; readonly message: string }
  | { readonly kind: "processEnds" };

/** Thrown inside a loop to end the whole worker in the way it names. */
export class ExitRequest extends Error {
  override readonly name = "ExitRequest";
  readonly exit: WorkerExit;
  constructor(exit: WorkerExit) {
    super(`worker exits: ${exit.kind}`);
    this.exit = exit;
  }
}
