import type { SessionMetadata } from "../../src/core/ports/platform";
import type { Mutant } from "./mutant";
import { changed, overPlatform } from "./mutate";

/** Drops facts of what is told of a session, and calls it told. */
function silentAbout(...facts: readonly (keyof SessionMetadata)[]): Mutant {
  return overPlatform((inner) => ({
    patchSession: (path, sessionId, claimId, metadata, signal) => {
      const rest = Object.entries(metadata).filter(([key]) => !facts.some((one) => one === key));
      return inner.patchSession(path, sessionId, claimId, Object.fromEntries(rest), signal);
    },
  }));
}

/** Workers with one thing wrong about workflow runs. */
export const runMutants: ReadonlyMap<string, Mutant> = new Map<string, Mutant>([
  ["tells no verdict", silentAbout("reviewVerdict")],
  ["tells of no push", silentAbout("workflowPushConfirmed", "workflowBranchName")],
  [
    "pushes nothing",
    (ports) => ({
      ...ports,
      worktrees: changed(ports.worktrees, {
        publishRun: () => Promise.resolve({ remote: "origin", commit: "c".repeat(40), notes: [] }),
      }),
    }),
  ],
  [
    "hands a run over twice",
    overPlatform((inner) => ({
      createSession: async (path, work, signal) => {
        await inner.createSession(path, work, signal);
        return await inner.createSession(path, work, signal);
      },
    })),
  ],
  [
    "believes that it has handed a run over",
    overPlatform(() => ({ createSession: () => Promise.resolve("session_0") })),
  ],
]);
