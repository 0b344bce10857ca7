import type { SecretStorage } from "vscode";
import type { Clock } from "../base/clock";
import type { SecretStore } from "../core/ports/secrets";
import { withDeadline } from "./deadline";

/** The editor of a closed window can stay silent for hours; nobody waits for it longer than this. */
const deadlineMs = 5_000;

/** The editor's secret storage. Every call rejects with EditorSilentError after five seconds. */
export function secretTokens(
  context: { readonly secrets: Pick<SecretStorage, "get" | "store" | "delete"> },
  clock: Clock,
): SecretStore {
  const storage = context.secrets;
  return {
    get: (key) => withDeadline(storage.get(key), deadlineMs, "reading a secret", clock),
    set: (key, value) => withDeadline(storage.store(key, value), deadlineMs, "storing a secret", clock),
    delete: (key) => withDeadline(storage.delete(key), deadlineMs, "deleting a secret", clock),
  };
}
