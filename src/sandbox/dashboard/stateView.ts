import type { Platform } from "../state/platform";
import type { Agent, Session, Settings, State, Task, User, Worker, Workspace } from "../state/schema";
import { runViews, type RunView } from "./runView";
import { workerStatus, type WorkerStatus } from "../rules/time";

/** A worker as the dashboard shows it. `beatAgeMs` is null before the first beat. */
type WorkerState = Worker & { readonly status: WorkerStatus; readonly beatAgeMs: number | null };

/** All that the dashboard may see: everything but tokens. */
export interface DashboardState {
  readonly version: number;
  readonly now: number;
  readonly settings: Settings;
  readonly users: readonly User[];
  readonly workspaces: readonly Workspace[];
  readonly agents: readonly Agent[];
  readonly workers: readonly WorkerState[];
  readonly sessions: readonly Session[];
  readonly runs: readonly RunView[];
  readonly tasks: readonly Task[];
  readonly files: State["files"];
  readonly comments: State["comments"];
  readonly documents: State["documents"];
}

/** A copy, so that whoever holds it sees one moment. */
export function dashboardState(platform: Platform): DashboardState {
  platform.settle();
  const now = platform.clock.now();
  const { settings, users, workspaces, agents, workers, sessions, tasks, files, comments, documents } =
    platform.state;
  return structuredClone({
    version: platform.version(),
    now,
    settings,
    users,
    workspaces,
    agents,
    workers: workers.map((one) => ({
      ...one,
      status: workerStatus(one, now),
      beatAgeMs: one.lastBeatAt === null ? null : now - one.lastBeatAt,
    })),
    sessions,
    runs: runViews(platform.state),
    tasks,
    files,
    comments,
    documents,
  });
}
