import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

/** What people may want to know of a coding tool before they choose it. */
export const features = [
  "plan",
  "tokens",
  "approvals",
  "resume",
  "interrupt",
  "sandbox",
  "own tools",
] as const;
export type Feature = (typeof features)[number];

/** What the contract expects of a tool where tools differ. */
export interface RuntimeFacts {
  readonly provider: string;
  /** What runs in the test. */
  readonly ran: string;
  /** A person's no ends the turn, where others go on with it. */
  readonly denialEnds: boolean;
  /** What its model's commands may not do, and can where the system has no sandbox to put it in; see the contract. */
  readonly bareHarms: readonly string[];
}

const pinned = z.object({ dependencies: z.record(z.string(), z.string()) });
const host = join(import.meta.dirname, "../../../host/package.json");

function versionOf(name: string): string {
  return pinned.parse(JSON.parse(readFileSync(host, "utf8"))).dependencies[name] ?? "";
}

const codex = `codex ${versionOf("@openai/codex")}`;

export const codexFacts: RuntimeFacts = {
  provider: "codex",
  ran: `the real ${codex}, a scripted model`,
  denialEnds: false,
  bareHarms: [],
};
export const codexAcpFacts: RuntimeFacts = {
  provider: "codex-acp",
  ran: `the real codex-acp ${versionOf("@agentclientprotocol/codex-acp")} with ${codex}, a scripted model`,
  denialEnds: true,
  // Codex' own defaults: it reads everything, and writes /tmp.
  bareHarms: ["reads", "writes"],
};
export const agentFacts: RuntimeFacts = {
  provider: "acp",
  ran: "a scripted agent",
  denialEnds: false,
  bareHarms: ["reads", "writes", "plants"],
};

export const allFacts = [codexFacts, codexAcpFacts, agentFacts];
