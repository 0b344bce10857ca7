import { createHash } from "node:crypto";
import type { NetConnectOpts } from "node:net";

/** A name that one process at a time can listen on, and that the operating system frees when the process ends. */
export interface Endpoint {
  readonly address: NetConnectOpts &
    ({ readonly path: string } | { readonly host: string; readonly port: number });
  /** The first line that a listener of ours sends, so that a stranger on the same port is told apart. */
  readonly banner: string;
}

/** An abstract socket's name fills the whole 108 bytes of the address, its leading NUL included. */
const abstractNameLength = 107;

/**
 * Where `name` of this user and state folder lives. Linux: an abstract socket. Its name fills the address to the last
 * byte, since some Node versions pad a shorter one with NULs and others do not, and the two would not exclude each
 * other. Windows: a named pipe. Elsewhere: an exclusive bind of a loopback port outside the ephemeral range.
 */
export function endpointFor(platform: NodeJS.Platform, stateFolder: string, name: string): Endpoint {
  const user = process.getuid?.() ?? process.env["USERNAME"] ?? "";
  const digest = createHash("sha512")
    .update(JSON.stringify([user, stateFolder, name]))
    .digest();
  const hex = digest.toString("hex");
  const banner = `one-horizon-worker ${hex.slice(0, 40)}`;
  if (platform === "linux") {
    return { address: { path: `\0${`one-horizon-worker-${hex}`.slice(0, abstractNameLength)}` }, banner };
  }
  if (platform === "win32") {
    return { address: { path: `\\\\.\\pipe\\one-horizon-worker-${hex.slice(0, 64)}` }, banner };
  }
  return { address: { host: "127.0.0.1", port: 20_000 + (digest.readUInt32BE(0) % 12_000) }, banner };
}
