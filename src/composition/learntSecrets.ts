import type { Redactor } from "../base/redaction/redactor";
import type { SecretStore } from "../core/ports/secrets";

/** Names what is hidden, wherever it would have stood. */
export const tokenLabel = "platform token";

/** A secret storage from which the redactor learns: whatever is read from it or written to it is hidden from then on. */
export function learntSecrets(store: SecretStore, redactor: Redactor): SecretStore {
  const learn = (value: string | undefined): void => {
    for (const secret of value === undefined ? [] : textsIn(parsed(value))) redactor.add(secret, tokenLabel);
  };
  return {
    get: async (key) => {
      const value = await store.get(key);
      learn(value);
      return value;
    },
    set: (key, value) => {
      learn(value);
      return store.set(key, value);
    },
    delete: (key) => store.delete(key),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** All texts that a stored value is made of. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
