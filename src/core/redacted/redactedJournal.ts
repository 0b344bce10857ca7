import type { TextRedactor } from "../../base/redaction/redactor";
import type { Finish } from "../finish";
import type { OutboxEntry, OutboxState, Said } from "../outbox";
import type { AttemptRecord, Journal, PendingEnding } from "../ports/journal";
import type { RunNotes } from "../runNotes";
import { redactedActivity, redactedMetadata, type Hide } from "./redactedPlatform";
import { redactedOutcome } from "./redactedRuntime";

/**
 * The journal behind the redactor: what waits in it to be told holds no secret. What a later process finds its way by
 * (ids, paths, branches, commits) is noted as it is.
 */
export function redactedJournal(journal: Journal, redactor: TextRedactor): Journal {
  const hide: Hide = (text) => redactor.redact(text);
  return {
    list: () => journal.list(),
    save: (record) => journal.save(redactedRecord(record, hide)),
    outbox: (sessionId, claimId) => journal.outbox(sessionId, claimId),
    append: (sessionId, claimId, entry) => journal.append(sessionId, claimId, redactedEntry(entry, hide)),
  };
}

function redactedRecord(record: AttemptRecord, hide: Hide): AttemptRecord {
  return {
    ...record,
    title: hide(record.title),
    detail: maybe(record.detail, hide),
    ran: record.ran && redactedOutcome(record.ran, hide),
    ending: record.ending && redactedEnding(record.ending, hide),
    documents: maybe(record.documents, hide),
    run: record.run && redactedRun(record.run, hide),
  };
}

function redactedRun(run: RunNotes, hide: Hide): RunNotes {
  const { verdict, words, summary, kept, writing } = run;
  return {
    ...run,
    summary: maybe(summary, hide),
    kept: maybe(kept, hide),
    verdict: verdict && { ...verdict, reason: hide(verdict.reason) },
    ...(writing && { writing: { title: hide(writing.title), content: hide(writing.content) } }),
    words: words && { prompt: hide(words.prompt), title: maybe(words.title, hide) },
  };
}

function redactedEnding(ending: PendingEnding, hide: Hide): PendingEnding {
  const { finish, detail, fault } = ending;
  return {
    ...ending,
    finish: redactedFinish(finish, hide),
    detail: maybe(detail, hide),
    fault: fault && { ...fault, message: hide(fault.message) },
  };
}

function redactedFinish(finish: Finish, hide: Hide): Finish {
  switch (finish.kind) {
    case "complete":
      return { ...finish, summary: maybe(finish.summary, hide) };
    case "fail":
      return { ...finish, message: hide(finish.message), reason: hide(finish.reason) };
    case "release":
      return { ...finish, reason: hide(finish.reason) };
  }
}

function redactedEntry(entry: OutboxEntry, hide: Hide): OutboxEntry {
  switch (entry.kind) {
    case "said":
      return { ...entry, said: redactedSaid(entry.said, hide) };
    case "sending":
      return { ...entry, activity: redactedActivity(entry.activity, hide) };
    case "noted":
    case "patched":
      return { ...entry, metadata: redactedMetadata(entry.metadata, hide) };
    case "carried":
      return { ...entry, from: redactedState(entry.from, hide) };
    case "restated":
      return { ...entry, state: redactedState(entry.state, hide) };
    case "accepted":
    case "refused":
      return entry;
  }
}

function redactedState(state: OutboxState, hide: Hide): OutboxState {
  return {
    ...state,
    waiting: state.waiting.map((said) => redactedSaid(said, hide)),
    sending: state.sending && redactedActivity(state.sending, hide),
    metadata: redactedMetadata(state.metadata, hide),
  };
}

function redactedSaid(said: Said, hide: Hide): Said {
  return { ...said, text: hide(said.text) };
}

function maybe(text: string | undefined, hide: Hide): string | undefined {
  return text === undefined ? undefined : hide(text);
}
