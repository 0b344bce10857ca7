import { fullJitterMs } from "../base/backoff";
import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { asWritten, say } from "../base/words";
import {
  afterRestart,
  shownArtifacts,
  withFile,
  type ArtifactNotes,
  type NotedArtifact,
} from "./artifactNotes";
import { binaryNotice, commentOf, summaryOfArtifacts } from "./artifactWords";
import { AttemptAborted } from "./attemptEnd";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { ArtifactFolder, Artifacts, CollectedArtifacts } from "./ports/artifacts";
import { StorageError, type WorkContext } from "./work";

/** How long all uploads and the comment of one attempt may take, milliseconds. */
const budgetMs = 5 * 60_000;

export interface ShareDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly artifacts: Artifacts;
}

type Context = Pick<WorkContext, "session" | "calls" | "reporter" | "change" | "step" | "artifacts">;

class TimeIsUp extends Error {
  override readonly name = "TimeIsUp";
}

/**
 * Uploads what the tool left for people and posts one comment with it. Each step is noted before it is taken, so that a
 * later process sends nothing a second time. Resolves with what the session's summary says of it, whatever went wrong;
 * rejects only when the signal aborts.
 */
export async function shareArtifacts(
  deps: ShareDeps,
  context: Context,
  folder: ArtifactFolder,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let notes: ArtifactNotes | undefined;
  try {
    notes = await notesOf(deps, context, folder, signal);
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("artifacts could not be collected", { message: messageOf(error) });
    return [asWritten("What the tool left as artifacts was not uploaded: {0}", messageOf(error))];
  }
  if (notes === undefined) return [];
  context.change({ kind: "artifacts", artifacts: shownArtifacts(notes) });
  const sharing = new Sharing(deps, context, notes, signal);
  await sharing.run();
  // A file that was refused is nowhere else.
  if (notes.refused.length + notes.unnamed === 0) await deps.artifacts.discard(folder);
  return summaryOfArtifacts(sharing.notes);
}

/** What an earlier process noted, or what lies in the folder now; undefined where there is nothing. */
async function notesOf(
  { artifacts, random }: ShareDeps,
  context: Context,
  folder: ArtifactFolder,
  signal: AbortSignal,
): Promise<ArtifactNotes | undefined> {
  if (context.artifacts !== undefined) return afterRestart(context.artifacts);
  const found = await artifacts.collect(folder, signal);
  if (found.accepted.length + found.refused.length + found.unnamed === 0) return undefined;
  const notes = freshNotes(found, context.session.taskId !== undefined, random.uuid());
  context.change({ kind: "finishing", detail: say("uploading artifacts") });
  // Before the first of them leaves.
  await context.step("committing", { artifacts: notes });
  return notes;
}

function freshNotes(found: CollectedArtifacts, hasTask: boolean, reference: string): ArtifactNotes {
  return {
    files: found.accepted.map((file) => ({ ...file, upload: "waiting" })),
    refused: found.refused,
    unnamed: found.unnamed,
    reference,
    comment: hasTask ? "waiting" : "none",
  };
}

/** One attempt's artifacts on their way to the platform. */
class Sharing {
  notes: ArtifactNotes;
  readonly #deps: ShareDeps;
  readonly #context: Context;
  readonly #signal: AbortSignal;
  readonly #until: number;

  constructor(deps: ShareDeps, context: Context, notes: ArtifactNotes, signal: AbortSignal) {
    this.#deps = deps;
    this.#context = context;
    this.#signal = signal;
    this.#until = deps.clock.monotonic() + budgetMs;
    this.notes = notes;
  }

  /** Rejects only when the signal aborts for another reason than that the claim runs out. */
  async run(): Promise<void> {
    try {
      const waiting = this.notes.files.filter((file) => file.upload === "waiting");
      for (const [at, file] of waiting.entries()) {
        const detail = say("uploading artifacts: {0} of {1}", at + 1, waiting.length);
        this.#context.change({ kind: "progress", detail });
        await this.#upload(file);
      }
      this.#tellUnsearched();
      await this.#comment();
    } catch (error) {
      // The work itself is done: it is told as such with the time that is left.
      if (!isOutOfTime(this.#signal)) this.#signal.throwIfAborted();
      this.#deps.log.warn("the artifacts were not all shared", {
        sessionId: this.#context.session.sessionId,
        message: messageOf(error),
      });
      this.#giveUp(
        error instanceof StorageError
          ? asWritten("it could not be noted down on the disk")
          : asWritten("the time was up"),
      );
      this.#tellUnsearched();
    }
  }

  #tellUnsearched(): void {
    const notice = binaryNotice(this.notes);
    if (notice === undefined) return;
    this.#context.reporter.tell("policy", notice, `${this.notes.reference} binary`);
  }

  async #upload(file: NotedArtifact): Promise<void> {
    const { artifactId, name, mediaType } = file;
    const content = await this.#deps.artifacts.read(artifactId).catch(() => undefined);
    if (content === undefined) {
      await this.#note(
        withFile(this.notes, artifactId, { upload: "failed", why: asWritten("its copy is gone") }),
      );
      return;
    }
    await this.#note(withFile(this.notes, artifactId, { upload: "sending" }));
    const facts = await this.#send(async (inner) => {
      const { fileId, url } = await this.#context.calls.upload({ name, mediaType, content }, inner);
      return { upload: "uploaded", fileId, url } as const;
    });
    await this.#note(withFile(this.notes, artifactId, facts));
  }

  /** Sends until the platform has decided, or nobody can know whether it did. */
  async #send<T>(
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | { readonly upload: "failed" | "unknown"; readonly why: string }> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#inTime(send);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (error instanceof TimeIsUp) {
          return { upload: "unknown", why: asWritten("the time was up before an answer came") };
        }
        if (PlatformError.is(error) && error.outcome === "unknown") {
          return { upload: "unknown", why: asWritten("it may have arrived, but {0}", troubleWith(error)) };
        }
        if (!isPassing(error) || !(await this.#waited(error, attempt))) {
          return { upload: "failed", why: refusalOf(error) };
        }
      }
    }
  }

  /** The one comment. After an answer that did not come the session's own comments tell whether it is there. */
  async #comment(): Promise<void> {
    const { session } = this.#context;
    if (session.taskId === undefined || !["waiting", "sending"].includes(this.notes.comment)) return;
    let unsure = this.notes.comment === "sending";
    if (!unsure) await this.#note({ ...this.notes, comment: "sending" });
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!unsure || !(await this.#isPosted())) await this.#post(session.taskId);
        await this.#note({ ...this.notes, comment: "told" });
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        if (error instanceof StorageError) throw error;
        unsure ||= !(PlatformError.is(error) && error.outcome === "refused");
        const mayPass = isPassing(error) || (PlatformError.is(error) && error.outcome === "unknown");
        if (!mayPass || !(await this.#waited(error, attempt))) break;
      }
    }
    await this.#note({ ...this.notes, comment: "failed" });
  }

  async #post(taskId: string): Promise<void> {
    const fileIds = this.notes.files.flatMap((file) => file.fileId ?? []);
    const comment = { content: commentOf(this.notes), fileIds };
    await this.#inTime((inner) => this.#context.calls.comment(taskId, comment, inner));
  }

  async #isPosted(): Promise<boolean> {
    const { untrusted } = await this.#inTime((inner) => this.#context.calls.read(inner));
    return untrusted.comments.some((one) => one.content.includes(this.notes.reference));
  }

  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const left = this.#until - this.#deps.clock.monotonic();
    if (left <= 0) throw new TimeIsUp();
    return await withDeadline(this.#deps.clock, left, new TimeIsUp(), this.#signal, work);
  }

  /** Waits as long as the platform asks; false where the time does not allow it. */
  async #waited(error: unknown, attempt: number): Promise<boolean> {
    const { clock, random } = this.#deps;
    const asked = PlatformError.is(error) ? error.retryAfterMs : undefined;
    const waitMs = asked ?? 250 + fullJitterMs(attempt, { baseMs: 500, maxMs: 15_000 }, random);
    if (clock.monotonic() + waitMs >= this.#until) return false;
    await clock.sleep(waitMs, this.#signal);
    return true;
  }

  async #note(notes: ArtifactNotes): Promise<void> {
    this.notes = notes;
    this.#context.change({ kind: "artifacts", artifacts: shownArtifacts(notes) });
    await this.#context.step("committing", { artifacts: notes });
    this.#signal.throwIfAborted();
  }

  #giveUp(why: string): void {
    const files = this.notes.files.map((file): NotedArtifact => {
      if (file.upload === "waiting") return { ...file, upload: "failed", why };
      return file.upload === "sending" ? { ...file, upload: "unknown", why } : file;
    });
    const open = this.notes.comment === "waiting" || this.notes.comment === "sending";
    this.notes = { ...this.notes, files, ...(open ? { comment: "failed" } : {}) };
    this.#context.change({ kind: "artifacts", artifacts: shownArtifacts(this.notes) });
  }
}

/** The claim runs out, which the platform does not extend; until then the end can still be told. */
function isOutOfTime({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof AttemptAborted && reason.why.kind === "outOfTime";
}

/** The platform did not act, and may do so another time. */
function isPassing(error: unknown): boolean {
  return (
    PlatformError.is(error, "rateLimited", "network", "server", "timeout", "unauthorized") &&
    error.outcome === "refused"
  );
}

function refusalOf(error: unknown): string {
  if (PlatformError.is(error) && error.status === 413) return asWritten("the platform found it too large");
  if (PlatformError.is(error) && error.status === 415) {
    return asWritten("the platform does not take files of its kind");
  }
  return troubleWith(error);
}
