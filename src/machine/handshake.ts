import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { LineChannel } from "./lineChannel";
import { LongLineError } from "./lineChannel";
import { proofOf, sameProof } from "./sharedKey";

/** Longest line of a handshake, bytes. */
const lineBytes = 500;

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const challenge = z.object({ nonce: hex });
const response = z.object({ nonce: hex, proof: hex });
const serverProof = z.object({ proof: hex });

/** What both sides must agree on besides the key: a proof for one of these is worth nothing for another. */
export interface Meeting {
  readonly key: string;
  readonly name: string;
  /** The network namespace, so that nobody can hand a proof on to a holder of the same name in another one. */
  readonly place: string;
}

/** The other side is not one of ours: it said something that no window says, or has another key. */
export class StrangerError extends Error {
  override readonly name = "StrangerError";
}

/**
 * The server shows its banner and a challenge; the client proves the key first, so that a stranger who connects gets a
 * random number and a refusal; then the server proves it, so that a stranger who took the name gets nothing either.
 * Side, name, place and both random numbers go into each proof. Rejects with StrangerError when the proof is wrong.
 */
export async function proveAsServer(channel: LineChannel, meeting: Meeting, banner: string): Promise<void> {
  const own = randomBytes(32).toString("hex");
  await channel.write(`${banner}\n${JSON.stringify({ nonce: own })}`);
  const theirs = await readAs(response, channel);
  if (!sameProof(theirs.proof, proof(meeting, "client", own, theirs.nonce))) {
    // Else the other side could not tell a holder with another key from one that closes at this moment.
    await channel.write(JSON.stringify({ refused: true }));
    throw new StrangerError("it could not prove the key");
  }
  await channel.write(JSON.stringify({ proof: proof(meeting, "server", own, theirs.nonce) }));
}

/** The client's side. Rejects with StrangerError when the server is not one of ours. */
export async function proveAsClient(channel: LineChannel, meeting: Meeting, banner: string): Promise<void> {
  if ((await readLine(channel)) !== banner) {
    throw new StrangerError("another program answers in our place");
  }
  const server = await readAs(challenge, channel);
  const own = randomBytes(32).toString("hex");
  await channel.write(JSON.stringify({ nonce: own, proof: proof(meeting, "client", server.nonce, own) }));
  const answer = await readAs(serverProof, channel);
  if (!sameProof(answer.proof, proof(meeting, "server", server.nonce, own))) {
    throw new StrangerError("another program answers in our place: it could not prove the key");
  }
}

function proof(
  meeting: Meeting,
  side: "client" | "server",
  serverNonce: string,
  clientNonce: string,
): string {
  return proofOf(meeting.key, side, meeting.name, meeting.place, serverNonce, clientNonce);
}

async function readAs<T extends z.ZodMiniType>(schema: T, channel: LineChannel): Promise<z.infer<T>> {
  const line = await readLine(channel);
  try {
    const json: unknown = JSON.parse(line);
    return schema.parse(json);
  } catch (error) {
    throw new StrangerError("it speaks something else", { cause: error });
  }
}

async function readLine(channel: LineChannel): Promise<string> {
  try {
    return await channel.read(lineBytes);
  } catch (error) {
    if (error instanceof LongLineError) throw new StrangerError(error.message, { cause: error });
    throw error;
  }
}
