import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Disposable } from "../base/disposable";
import { asWritten } from "../base/words";
import { LockError } from "../core/ports/machineLock";
import { endpointFor, type Endpoint } from "./endpoint";
import { ensurePrivateFolder } from "./files";
import type { StateContext } from "./jsonFile";
import { listen } from "./listener";
import { meet, whoHolds, type ProvenConnection, type Rendezvous } from "./meeting";
import { readPlace } from "./place";
import { readSharedKey } from "./sharedKey";
import { SilentHolders } from "./silentHolders";

/** How long a holder may take to prove itself before one look counts as met with silence. */
const lookMs = 2000;
/** Long enough for a holder whose loop another extension blocks for a while. */
const connectMs = 5000;

/** Names that one process of this user on this machine can hold at a time. Every holder proves the key to who asks. */
export interface ExclusiveNames {
  /**
   * Undefined when another holder, in this process or another one, has the name. Rejects with LockError when whoever
   * has its place is none of ours, or was silent for too long to tell. Connections that have proven the key stay open
   * until they close them; `onConnection` may use and end them.
   */
  hold(name: string, onConnection?: (connection: ProvenConnection) => void): Promise<Disposable | undefined>;
  /** As `hold`, but does not look who has the name: for names that are held for moments. */
  holdQuickly(name: string): Promise<Disposable | undefined>;
  /**
   * A connection to the holder, proven on both sides; undefined when nobody holds the name. Rejects with StrangerError
   * when the holder has not the key, with another error when it does not answer in time or ends meanwhile.
   */
  connect(name: string, signal: AbortSignal): Promise<ProvenConnection | undefined>;
}

export interface ExclusiveOptions {
  /** Decides the primitive. */
  readonly platform?: NodeJS.Platform;
  /** Where this process runs; read from the system where it is not given. */
  readonly place?: string;
}

/** Names of one state folder. */
export async function createExclusiveNames(
  stateFolder: string,
  context: StateContext,
  options: ExclusiveOptions = {},
): Promise<ExclusiveNames> {
  await ensurePrivateFolder(stateFolder);
  const platform = options.platform ?? process.platform;
  const folder = await realpath(stateFolder);
  const place = options.place ?? (await readPlace(platform));
  const keyPath = join(folder, "share.key");
  const silent = new SilentHolders(context);
  let reading: Promise<string> | undefined;
  const readKey = (): Promise<string> => {
    reading ??= readSharedKey(keyPath, context).finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const meetingAt = (name: string): Rendezvous => ({
    name,
    place,
    context,
    endpoint: endpointFor(platform, folder, name),
    // Read for each proof: a key that was damaged and made anew is the new one for every window.
    key: readKey,
  });
  let proven: Promise<unknown> | undefined;
  const bind: ExclusiveNames["hold"] = async (name, onConnection) => {
    proven ??= Promise.all([prove(meetingAt(`proof ${randomUUID()}`)), readKey()]);
    await proven.catch((error: unknown) => {
      proven = undefined;
      throw error;
    });
    return await listen(meetingAt(name), onConnection);
  };
  return {
    holdQuickly: (name) => bind(name),
    hold: async (name, onConnection) => {
      const held = await bind(name, onConnection);
      if (held !== undefined) return held;
      const meeting = meetingAt(name);
      let who = await whoHolds(meeting, lookMs);
      // A key that is made anew between the reads of the two sides looks like another one, once.
      if (who === "stranger") who = await whoHolds(meeting, lookMs);
      if (who === "stranger") throw strangerHolds(meeting.endpoint);
      const again = who === "nobody" || who === "gone" ? await bind(name, onConnection) : undefined;
      if (again !== undefined || who === "ours" || who === "nobody") silent.forget(name);
      else silent.look(name);
      return again;
    },
    connect: (name, signal) => meet(meetingAt(name), connectMs, signal),
  };
}

/** Proves on a throw-away name that a second bind is refused: where it is not, a lock would hold nothing. */
async function prove(meeting: Rendezvous): Promise<void> {
  const first = await listen(meeting, undefined);
  const second = await listen(meeting, undefined);
  first?.dispose();
  second?.dispose();
  if (second !== undefined) {
    throw new LockError(
      asWritten(
        "This system lets two programs hold one name, so the worker cannot make sure that it runs only once. Nothing was started. The worker cannot be used on this system.",
      ),
      { passing: false },
    );
  }
}

function strangerHolds({ address }: Endpoint): LockError {
  const what =
    "path" in address
      ? asWritten(
          "A program that is none of your windows, perhaps another user's, holds the worker's name on this machine",
        )
      : asWritten("Port {0} on this machine is used by another program", address.port);
  return new LockError(
    asWritten(
      "{0}, so the worker cannot make sure that it runs only once. Nothing was started and nothing was told to that program. Close it, then start the worker again.",
      what,
    ),
    { passing: false },
  );
}
