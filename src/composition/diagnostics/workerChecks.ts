import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import { troubleWith } from "../../core/platformWords";
import { workerPhase, type WorkerState } from "../../core/state";
import type { OperationId } from "../../platform/wire/operations";
import { attention, checksOf, failed, notTried, passed } from "./findings";
import type { DiagnosedParts } from "./parts";

/** What the worker writes. A check writes nothing, so the last outcome is told. */
const writes = (): readonly (readonly [id: string, name: string, operation: OperationId])[] => [
  ["register", say("Registration"), "registerWorker"],
  ["signal", say("Answer to a control signal"), "acknowledgeControlSignal"],
  ["claim", say("Claim"), "claimSession"],
  ["patch", say("Facts of a session"), "patchAgentSession"],
  ["activity", say("Activity"), "createActivity"],
  ["complete", say("Completion"), "completeSession"],
  ["fail", say("Failure"), "failSession"],
  ["release", say("Release"), "releaseSession"],
  ["upload", say("Upload"), "uploadWorkspaceFile"],
  ["comment", say("Comment"), "saveTaskComment"],
  ["document", say("Document"), "createDocument"],
  ["delegate", say("Delegated work"), "createSession"],
];

/** How the worker stands, and how what it sent last was taken. */
export function workerChecks(parts: DiagnosedParts): readonly Check[] {
  const now = (find: () => Finding): Check["find"] => {
    return () => Promise.resolve(find());
  };
  return checksOf(
    "worker",
    {
      id: "worker.phase",
      name: say("Worker of this folder"),
      expected: say("It runs and claims"),
      find: now(() => phase(parts.state())),
    },
    {
      id: "worker.beat",
      name: say("Last heartbeat"),
      expected: say("The platform took it within the last {0} s", 12),
      find: now(() => lastBeat(parts.state(), parts.clock.now())),
    },
    {
      id: "worker.poll",
      name: say("Last poll"),
      expected: say("The platform answered it"),
      find: now(() => lastPoll(parts.state(), parts.clock.now())),
    },
    ...writes().map(([id, name, operation]) => ({
      id: `worker.${id}`,
      name,
      expected: say("The platform took the last one"),
      find: now(() => lastWrite(parts, operation)),
    })),
  );
}

function phase(state: WorkerState): Finding {
  const { fault } = state;
  const own = workerPhase(state.phase);
  const elsewhere = state.phase.kind === "otherWindow" ? ` ${say("Another window runs it.")}` : "";
  switch (own.kind) {
    case "online":
      if (fault === undefined) return passed(`${say("It runs.")}${elsewhere}`);
      return failed(`${say("It runs and claims nothing.")} ${fault.message}${elsewhere}`);
    case "paused":
      return attention(`${say("It is paused.")}${elsewhere}`, say("Run Resume Worker."));
    case "starting":
      return attention(`${say("It starts.")}${elsewhere}`, say("Check again in a moment."));
    case "stopping":
      return notTried(`${say("It is stopping.")}${elsewhere}`);
    case "stopped":
      return notTried(`${say("It is stopped.")}${elsewhere}`);
    case "otherWindow":
      return attention(say("Another window runs it and does not answer."), say("Look at that window."));
    case "rejected":
      return failed(own.message);
    case "signedOut":
    case "notConfigured":
    case "untrusted":
    case "noRepository":
      return notTried(say("It does not run yet: see above."));
  }
}

/** What the platform counts as alive, milliseconds. */
const aliveMs = 12_000;

function lastBeat(state: WorkerState, now: number): Finding {
  const { lastBeatAt, lastBeatError, beatsFromMain } = state;
  if (lastBeatAt === undefined && lastBeatError === undefined) return none();
  const when = lastBeatAt === undefined ? say("None was taken so far.") : taken(now - lastBeatAt);
  if (lastBeatAt === undefined || now - lastBeatAt > aliveMs) {
    return failed(
      `${when} ${lastBeatError ?? ""}`.trim(),
      say("It goes on by itself once the platform answers."),
    );
  }
  if (!beatsFromMain) return passed(when);
  return attention(
    `${when} ${say("It came from the main thread; the heartbeat thread does not get through.")}`,
    say("Check the proxy and NODE_EXTRA_CA_CERTS: the thread uses them, and not the editor's own."),
  );
}

function lastPoll(state: WorkerState, now: number): Finding {
  const { lastPollAt, lastPollError } = state;
  if (lastPollError !== undefined) return failed(lastPollError, say("It is tried again by itself."));
  return lastPollAt === undefined ? none() : passed(taken(now - lastPollAt));
}

function lastWrite(parts: DiagnosedParts, operation: OperationId): Finding {
  const note = parts.trusted() ? parts.connection().calls.last(operation) : undefined;
  if (note === undefined) return none();
  const when = taken(parts.clock.now() - note.at);
  if (note.failure === undefined) return passed(when);
  return attention(
    say("{0} It failed: {1}.", when, troubleWith(note.failure, say)),
    say("What has to arrive is sent again by itself. The log has more."),
  );
}

function none(): Finding {
  return notTried(say("None from this window so far."));
}

function taken(agoMs: number): string {
  const seconds = Math.max(0, Math.round(agoMs / 1000));
  if (seconds < 120) return seconds === 1 ? say("1 second ago.") : say("{0} seconds ago.", seconds);
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? say("{0} minutes ago.", minutes) : say("{0} hours ago.", Math.round(minutes / 60));
}
