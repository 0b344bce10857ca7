import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import type { Configuration } from "../../core/ports/configurations";
import type { PlatformConnection } from "../../platform/connection";
import { attention, checksOf, failed, notTried, passed, platformTrouble, restricted } from "./findings";
import type { DiagnosedParts } from "./parts";

/** One answer with its retries, milliseconds. */
const callMs = 30_000;
/** A clock that is off by more makes leases and tokens end at the wrong time. */
const mostSkewMs = 30_000;

/** Every operation of the platform that only reads. */
export function platformChecks(parts: DiagnosedParts): readonly Check[] {
  const limitMs = parts.platformMs ?? callMs;
  const reading =
    (look: Look): Check["find"] =>
    (signal) =>
      read(parts, look, signal);
  return checksOf(
    "platform",
    {
      id: "platform.workspaces",
      name: say("Workspaces"),
      expected: say("The platform lists at least one"),
      limitMs,
      find: reading(async ({ platform }, _configuration, signal) => {
        const workspaces = await platform.listWorkspaces(signal);
        if (workspaces.length > 0) return passed(workspaces.map((one) => one.name).join(", "));
        return failed(say("Your account belongs to none."), say("Join a workspace in One Horizon."));
      }),
    },
    {
      id: "platform.clock",
      name: say("Clock"),
      expected: say("It agrees with the platform's to {0} s", mostSkewMs / 1000),
      find: () => Promise.resolve(parts.trusted() ? clock(parts) : restricted()),
    },
    {
      id: "platform.agents",
      name: say("Agents"),
      expected: say("The workspace has one that local workers can serve"),
      limitMs,
      find: reading(agents),
    },
    {
      id: "platform.worker",
      name: say("Worker"),
      expected: say("The platform knows this folder's worker as yours"),
      limitMs,
      find: reading((connection, configuration, signal) => worker(connection, configuration, signal)),
    },
    {
      id: "platform.workers",
      name: say("Other workers"),
      expected: say("The platform lists the agent's workers"),
      limitMs,
      find: reading(async ({ platform }, configuration, signal) => {
        if (configuration === undefined) return unconfigured();
        const { length } = await platform.listWorkers(configuration, signal);
        return passed(length === 1 ? say("1 worker.") : say("{0} workers.", length));
      }),
    },
    {
      id: "platform.poll",
      name: say("Queue"),
      expected: say("A poll gives sessions that this version understands"),
      limitMs,
      find: reading(poll),
    },
  );
}

type Look = (
  connection: PlatformConnection,
  configuration: Configuration | undefined,
  signal: AbortSignal,
) => Promise<Finding>;

async function read(parts: DiagnosedParts, look: Look, signal: AbortSignal): Promise<Finding> {
  if (!parts.trusted()) return restricted();
  const connection = parts.connection();
  if (!(await connection.authentication.isSignedIn())) return notTried(say("Sign in first."));
  const folder = parts.folder();
  const configuration =
    folder === undefined ? undefined : await parts.configurations.get(folder, connection.origin);
  try {
    return await look(connection, configuration, signal);
  } catch (error) {
    signal.throwIfAborted();
    return platformTrouble(error);
  }
}

function unconfigured(): Finding {
  return notTried(say("This folder has no worker yet. Configure it first."));
}

const agents: Look = async ({ platform }, configuration, signal) => {
  const workspaceId =
    configuration?.workspaceId ?? (await platform.listWorkspaces(signal)).at(0)?.workspaceId;
  if (workspaceId === undefined) return notTried(say("There is no workspace to look in."));
  const all = await platform.listAgents(workspaceId, signal);
  const fit = all.filter(
    ({ executionModes }) => executionModes.length === 0 || executionModes.includes("local"),
  );
  if (fit.length === 0) {
    return failed(
      all.length === 0 ? say("It has none.") : say("None of its {0} agents takes local workers.", all.length),
      say("Add such an agent in One Horizon."),
    );
  }
  if (configuration !== undefined && !fit.some((one) => one.agentId === configuration.agentId)) {
    return failed(
      say("“{0}” is not among them any more.", configuration.agentName),
      say("Run Configure Worker and choose another one."),
    );
  }
  return passed(fit.map((one) => one.name).join(", "));
};

async function worker(
  { platform }: PlatformConnection,
  configuration: Configuration | undefined,
  signal: AbortSignal,
): Promise<Finding> {
  if (configuration === undefined) return unconfigured();
  const { name, status, ownerUserId } = await platform.getWorker(configuration, signal);
  const found = say("{0}: {1}", name, status);
  if (ownerUserId === configuration.userId) return passed(found);
  return failed(
    say("{0}, and it belongs to another account.", found),
    say("Sign in with the account that configured it, or configure it anew."),
  );
}

const poll: Look = async ({ platform, calls }, configuration, signal) => {
  if (configuration === undefined) return unconfigured();
  const { length } = await platform.pollSessions(configuration, signal);
  const found = length === 1 ? say("1 session.") : say("{0} sessions.", length);
  const misfits = calls.polledMisfits;
  if (misfits === 0) return passed(found);
  return attention(
    `${found} ${misfits === 1 ? say("1 more does not fit the contract.") : say("{0} more do not fit the contract.", misfits)}`,
    say("Update this extension. The log names the field."),
  );
};

function clock(parts: DiagnosedParts): Finding {
  const time = parts.connection().calls.serverTime;
  if (time === undefined) return notTried(say("The platform has not told its time."));
  const off = Math.abs(time.aheadMs);
  const seconds = Math.round(off / 1000);
  if (off - time.uncertaintyMs <= 0) return passed(say("They agree."));
  const found =
    time.aheadMs > 0
      ? say("This machine is {0} s behind.", seconds)
      : say("This machine is {0} s ahead.", seconds);
  if (off - time.uncertaintyMs <= mostSkewMs) return passed(found);
  return failed(found, say("Set this machine's clock, best by its time service."));
}
