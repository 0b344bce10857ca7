import type { WorkerActions } from "../core/actions";

/** What a person asks for waits until it can be carried out. */
export function actionsLater(loaded: () => Promise<WorkerActions>): WorkerActions {
  return {
    signIn: async () => await (await loaded()).signIn(),
    signOut: async () => await (await loaded()).signOut(),
    configure: async () => await (await loaded()).configure(),
    start: async () => await (await loaded()).start(),
    stop: async () => await (await loaded()).stop(),
    pause: async () => await (await loaded()).pause(),
    resume: async () => await (await loaded()).resume(),
    restart: async () => await (await loaded()).restart(),
    claim: async (...given) => await (await loaded()).claim(...given),
    release: async (...given) => await (await loaded()).release(...given),
    fail: async (...given) => await (await loaded()).fail(...given),
    answer: async (...given) => await (await loaded()).answer(...given),
    delegate: async (...given) => await (await loaded()).delegate(...given),
    delegationTargets: async () => await (await loaded()).delegationTargets(),
    publishBranch: async (...given) => await (await loaded()).publishBranch(...given),
    archive: async (...given) => await (await loaded()).archive(...given),
    startSandbox: async () => await (await loaded()).startSandbox(),
    stopSandbox: async () => await (await loaded()).stopSandbox(),
  };
}
