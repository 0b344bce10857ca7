import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Clock } from "../../base/clock";
import { parseJson } from "../http/readBody";
import { tokenHash } from "./tokenSet";

const schema = z.object({
  state: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  origin: z.string(),
  clientId: z.string(),
  /** Wall clock, milliseconds. */
  createdAt: z.number(),
});

/** A sign-in that waits for the browser. */
export type PendingSignIn = z.infer<typeof schema>;

/** How long state and verifier live. */
const pendingLifetimeMs = 10 * 60_000;
const maxFileBytes = 16 * 1024;

/**
 * Sign-ins that wait for the browser, one 0600 file each, so that the window which the browser's answer reaches can go on
 * with it. Files are named by a hash: a state in a file name would be seen by whoever may list the folder.
 */
export class PendingSignIns {
  readonly #folder: string;
  readonly #clock: Clock;

  /** @param folder a folder of its own; made 0700 when missing. */
  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async save(pending: PendingSignIn): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    await this.#removeOld();
    const file = await open(this.#path(pending.state), "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify(pending));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Undefined when no sign-in with this state waits, or it waited too long. Leaves it waiting. */
  async find(state: string): Promise<PendingSignIn | undefined> {
    return this.#read(this.#path(state), state);
  }

  /** Takes it out: of all windows that try, one gets it. */
  async take(state: string): Promise<PendingSignIn | undefined> {
    const taken = `${this.#path(state)}.${randomUUID()}`;
    try {
      await rename(this.#path(state), taken);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return await this.#read(taken, state);
    } finally {
      await rm(taken, { force: true });
    }
  }

  async drop(state: string): Promise<void> {
    await rm(this.#path(state), { force: true });
  }

  #path(state: string): string {
    return join(this.#folder, `${tokenHash(state)}.json`);
  }

  async #read(path: string, state: string): Promise<PendingSignIn | undefined> {
    const text = await readSmall(path);
    const parsed = schema.safeParse(parseJson(text ?? ""));
    if (!parsed.success || parsed.data.state !== state) return undefined;
    const age = this.#clock.now() - parsed.data.createdAt;
    // A clock that was set back must not give a verifier a longer life.
    return Math.abs(age) <= pendingLifetimeMs ? parsed.data : undefined;
  }

  async #removeOld(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!/^[0-9a-f]{64}\.json/u.test(name)) continue;
      const path = join(this.#folder, name);
      const file = await stat(path).catch(() => undefined);
      if (file !== undefined && Math.abs(this.#clock.now() - file.mtimeMs) > pendingLifetimeMs) {
        await rm(path, { force: true });
      }
    }
  }
}

async function readSmall(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      return size > maxFileBytes ? undefined : await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
