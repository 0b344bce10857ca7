import type { Disposable } from "../base/disposable";
import type { WorkerActions } from "../core/actions";
import type { Diagnostics } from "../core/diagnostics";
import type { TimelineSource } from "../core/ports/timeline";
import type { KnownTool } from "../core/providers";
import type { SessionView } from "../core/state";
import type { SessionReview } from "./changes";
import type { worktreeCleanUp } from "./cleanUp";

/** What stands behind the views: the worker with all its adapters. */
export interface Behind extends Disposable {
  readonly actions: WorkerActions;
  readonly diagnostics: Diagnostics;
  readonly changes: Pick<SessionReview, keyof SessionReview>;
  readonly cleanUp: ReturnType<typeof worktreeCleanUp>;
  readonly timeline: TimelineSource;
  /** Where the copy of an artifact lies on this machine; undefined when it is gone. */
  artifactPath(artifactId: string): Promise<string | undefined>;
  /** See `threadCommand`. */
  threadCommand(session: SessionView): Promise<readonly string[]>;
  /** Which known coding tools are on this machine. Starts none. */
  tools(): Promise<readonly KnownTool[]>;
  sandboxRuns(): boolean;
  /** The sandbox' dashboard while it runs, with its token in the fragment; never logged. */
  dashboardUrl(): string | undefined;
  /** A sign-in answer that came through the editor's URI scheme. */
  receive(query: URLSearchParams): Promise<void>;
  /** Brings the worker up, in the background. */
  bringUp(): void;
  /** Ends in good order what runs. */
  shutDown(): Promise<void>;
}
