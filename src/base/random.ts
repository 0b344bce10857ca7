/** Randomness as a port, so that a run can be repeated from a seed. */
export interface Random {
  /** A number from 0 (included) to 1 (not included). */
  next(): number;
  /** A random UUID, version 4. */
  uuid(): string;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => globalThis.crypto.randomUUID(),
};
