import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import { folderFacts, freeBytes, tryWriting } from "../../machine/folderFacts";
import { extraCertificates } from "../../platform/heartbeat/extraCertificates";
import { networkFacts, proxyFor } from "../../platform/heartbeat/network";
import { probeThread } from "../../platform/heartbeat/probeThread";
import { probeKeeper } from "../../runtime/keeper/probeKeeper";
import { attention, checksOf, failed, passed, restricted } from "./findings";
import type { DiagnosedParts } from "./parts";

/** Below this the worker's own notes may not be kept. */
const leastBytes = 100_000_000;
/** Below this a larger repository has no room for a worktree. */
const fewBytes = 2_000_000_000;

/** What the machine has to give, whatever folder is open. */
export function machineChecks(parts: DiagnosedParts): readonly Check[] {
  const { paths } = parts;
  return checksOf(
    "machine",
    {
      id: "machine.state",
      name: say("Folder for the worker's notes"),
      expected: say("It can be written, and nobody else can enter it"),
      find: () => stateFolder(paths.state),
    },
    {
      id: "machine.disk",
      name: say("Room for the worker's notes"),
      expected: say("At least {0}", sizeWord(leastBytes)),
      find: () => room(paths.state, leastBytes),
    },
    {
      id: "machine.secrets",
      name: say("Secret storage of the editor"),
      expected: say("It answers"),
      find: async () => {
        await parts.askSecret("oneHorizon.diagnostics");
        return passed(say("It answers."));
      },
    },
    {
      id: "machine.lock",
      name: say("Lock between windows"),
      expected: say("It can be taken and given back"),
      find: () => lockTaken(parts),
    },
    {
      id: "machine.thread",
      name: say("Heartbeat thread"),
      expected: say("It starts"),
      find: async (signal) => {
        await probeThread(parts.threadFile, signal);
        return passed(say("It starts."));
      },
    },
    {
      id: "machine.keeper",
      name: say("Process keeper"),
      expected: say("It starts a program and ends it"),
      limitMs: 60_000,
      find: (signal) => (parts.trusted() ? keeperStarts(parts, signal) : Promise.resolve(restricted())),
    },
    {
      id: "machine.network",
      name: say("Way to the platform"),
      expected: say("A proxy or none, with certificates that can be read"),
      find: () => wayOut(parts),
    },
  );
}

async function stateFolder(path: string): Promise<Finding> {
  const { kind, mode, ours } = await folderFacts(path);
  const advice = say("Move {0} away and reload the window; it is made anew.", path);
  if (kind === "missing") {
    return failed(say("{0} is not there.", path), say("Reload the window; it is made anew."));
  }
  if (kind === "other") return failed(say("{0} is a link or a file.", path), advice);
  if (!ours) return failed(say("{0} belongs to another user.", path), advice);
  await tryWriting(path);
  if (mode === undefined) return passed(say("It can be written."));
  const bits = mode.toString(8).padStart(4, "0");
  return (mode & 0o077) === 0
    ? passed(say("It can be written, with the permissions {0}.", bits))
    : attention(say("Its permissions are {0}.", bits), say("Run chmod 700 {0}, or reload the window.", path));
}

/** @param least bytes. */
export async function room(path: string, least: number): Promise<Finding> {
  const free = await freeBytes(path);
  const found = say("{0} free.", sizeWord(free));
  const advice = say("Make room on the disk of {0}.", path);
  if (free < least) return failed(found, advice);
  return free < fewBytes ? attention(found, advice) : passed(found);
}

/** Bytes as people say them. */
function sizeWord(bytes: number): string {
  if (bytes >= 1_000_000_000) return say("{0} GB", Math.floor(bytes / 100_000_000) / 10);
  return say("{0} MB", Math.floor(bytes / 1_000_000));
}

async function lockTaken({ lock, random }: DiagnosedParts): Promise<Finding> {
  const held = await lock.tryHold(`diagnostics ${random.uuid()}`);
  if (held === undefined) return failed(say("A name that nobody uses is taken."), say("Reload the window."));
  held.dispose();
  return passed(say("It was taken and given back."));
}

async function keeperStarts(parts: DiagnosedParts, signal: AbortSignal): Promise<Finding> {
  const { clock, log, redactor, keeper, random } = parts;
  const limitMs = 50_000;
  const ended = await probeKeeper({ clock, log, redactor, keeper, signal, limitMs, marker: random.uuid() });
  if (ended === undefined) return passed(say("It started a program, which has ended."));
  return failed(
    say("The program that it started ended with {0}.", ended),
    say("Install this extension anew."),
  );
}

async function wayOut(parts: DiagnosedParts): Promise<Finding> {
  const { environment, log } = parts;
  const ca = await extraCertificates(environment, log);
  const facts = networkFacts({ ...parts.network(), environment, ca });
  const { origin } = parts.connection();
  const proxy = proxyFor(new URL(origin), facts);
  const named = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].filter((name) => (environment[name] ?? "") !== "");
  const way =
    proxy === undefined
      ? say("{0}, directly.", origin)
      : say("{0}, through the proxy {1}.", origin, proxy.origin);
  if (named.length > 0 && ca.length === 0) {
    return attention(
      `${way} ${say("{0} names no certificate that can be read.", named.join(", "))}`,
      say("Correct the variable, or unset it, and start the editor again."),
    );
  }
  if (proxy === undefined && facts.proxy !== undefined && !URL.canParse(withScheme(facts.proxy))) {
    return attention(
      `${way} ${say("The proxy that is set cannot be read as an address.")}`,
      say("Correct http.proxy in the settings, or the variable HTTPS_PROXY."),
    );
  }
  return passed(
    ca.length === 0
      ? way
      : `${way} ${ca.length === 1 ? say("1 certificate more is trusted.") : say("{0} certificates more are trusted.", ca.length)}`,
  );
}

function withScheme(address: string): string {
  return address.includes("://") ? address : `http://${address}`;
}
