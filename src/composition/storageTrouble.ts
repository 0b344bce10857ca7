import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { StorageStep } from "../platform/oauth/tokenStorage";

/** What a person reads when the editor's secret storage, and with it the system's keyring, is of no use. */
export function storageTrouble(step: StorageStep): UserError {
  return new UserError(
    step === "write"
      ? say(
          "The editor's secret storage did not keep the sign-in. It lives in this window's memory, and the worker goes on with it; it ends when this window is reloaded or closed. Unlock the system's keyring: the sign-in is stored as soon as it can be.",
        )
      : say(
          "The editor's secret storage does not answer, so the sign-in could not be read. Nothing was changed, and it is tried again by itself. Unlock the system's keyring, or sign in again.",
        ),
  );
}
