import { cp, mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Configuration } from "../../src/core/ports/configurations";
import type { AttemptRecord, Journal } from "../../src/core/ports/journal";
import { createConfigStore } from "../../src/machine/configStore";
import { createConsentStore } from "../../src/machine/consentStore";
import type { StateContext } from "../../src/machine/jsonFile";
import { journalDisk } from "../../src/machine/journal/realDisk";
import { openJournal } from "../../src/machine/journal/journal";
import { aRecord } from "./builders";

/** What releases left on people's disks, a folder for each version. */
export const statesFolder = join(import.meta.dirname, "..", "fixtures", "state");

export const worker = { origin: "https://onehorizon.example", workerId: "worker-1" };
export const consentHash = "ab".repeat(32);
/** Stands in the fixture for the folder that the worker is for: names of files are made of its path. */
const placeholder = "/FOLDER";

export function aConfiguration(folder: string): Configuration {
  return {
    ...worker,
    clientId: "client-1",
    userId: "user-1",
    workspaceId: "workspace-1",
    workspaceName: "Acme",
    agentId: "agent-1",
    agentName: "Builder",
    idempotencyKey: "0123456789abcdef",
    folder,
    stoppedByPerson: false,
    paused: true,
    handledSignal: "signal-1",
    registrationHash: "facts",
  };
}

/** One attempt in the middle of its work, with reports that wait; one that waits for a person; one that has ended. */
async function fillJournal(journal: Journal): Promise<void> {
  const usage = {
    inputTokens: 5,
    cachedInputTokens: 4,
    outputTokens: 3,
    reasoningOutputTokens: 2,
    totalTokens: 8,
    contextWindow: 100_000,
  };
  await journal.save(aRecord({ sessionId: "running", marker: "m1", usage }));
  const said = { entryId: "1", type: "progress", text: "Half done", at: 5 } as const;
  await journal.append("running", "claim-running", { kind: "said", said });
  await journal.append("running", "claim-running", { kind: "noted", metadata: { plan: "1. Look" } });
  const asked = {
    ...({ questionId: "q1", askedAt: 6, about: "question", what: "Which?", where: undefined } as const),
    ...{ why: undefined, forSession: false, parts: [{ text: "Which?", options: ["left"], secret: false }] },
  };
  await journal.save(aRecord({ sessionId: "asking", asked }));
  const stat = { files: 1, added: 2, deleted: 3 };
  const ended = { outcome: "completed", endedAt: Date.UTC(2030, 0, 2), step: "ended" } as const;
  await journal.save(aRecord({ sessionId: "done", stat, ...ended }));
}

/** Writes the state folder of the present build as a fixture. */
export async function recordState(version: string, home: string, context: StateContext): Promise<void> {
  const state = join(home, "state");
  const folder = join(home, "project");
  await mkdir(folder, { recursive: true });
  await createConfigStore(state, context).set(aConfiguration(folder));
  await createConsentStore(state, context).allow(folder, consentHash);
  const journal = await openJournal(journalDisk(state, worker, context.clock), context);
  await fillJournal(journal);
  const place = join(statesFolder, version);
  await rm(place, { recursive: true, force: true });
  await cp(state, place, { recursive: true });
  const real = await realpath(folder);
  for (const file of await jsonFiles(place)) {
    await writeFile(file, (await readFile(file, "utf8")).replaceAll(real, placeholder));
  }
  await writeFile(join(place, "expected.json"), `${JSON.stringify(saidBy(journal), undefined, 2)}\n`);
}

/** Lays a fixture out below `home` as the release had left it there; the state folder and the worker's folder. */
export async function layState(
  version: string,
  home: string,
  nameOf: (kind: "folders" | "consents", folder: string) => string,
): Promise<{ readonly state: string; readonly folder: string }> {
  const state = join(home, "state");
  const folder = join(home, "project");
  await mkdir(folder, { recursive: true });
  const real = await realpath(folder);
  await cp(join(statesFolder, version, "journal"), join(state, "journal"), { recursive: true });
  for (const kind of ["folders", "consents"] as const) {
    await mkdir(join(state, kind), { mode: 0o700 });
    for (const name of await readdir(join(statesFolder, version, kind))) {
      const text = await readFile(join(statesFolder, version, kind, name), "utf8");
      const laid = join(state, kind, `${nameOf(kind, real)}.json`);
      await writeFile(laid, text.replaceAll(placeholder, real), { mode: 0o600 });
    }
  }
  return { state, folder: real };
}

/** What a journal says, as JSON has it. */
export function saidBy(journal: Pick<Journal, "list" | "outbox">): unknown {
  const records: readonly AttemptRecord[] = journal.list();
  const outboxes = records.map((one) => journal.outbox(one.sessionId, one.claimId));
  return JSON.parse(JSON.stringify({ records, outboxes }));
}

async function jsonFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((one) => one.isFile() && one.name.endsWith(".json"))
    .map((one) => join(one.parentPath, one.name));
}
