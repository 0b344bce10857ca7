import type { Random } from "../base/random";
import { say } from "../base/words";
import { UserError } from "./actions";
import { PlatformError } from "./platformError";
import type { Configuration, Configurations } from "./ports/configurations";
import type { Connection, Questions } from "./ports/connection";
import type { Agent, Registration, Workspace } from "./ports/platform";
import { registrationFingerprint } from "./registration";

/** What a person chose, and as whom. */
export interface Choice {
  readonly userId: string;
  readonly workspace: Workspace;
  readonly agent: Agent;
}

export interface RegisterDeps {
  readonly connection: Connection;
  readonly configurations: Configurations;
  readonly random: Random;
  readonly folder: string;
  readonly registration: (idempotencyKey: string, signal: AbortSignal) => Promise<Registration>;
}

/** Workspace and agent; undefined when the person dismissed a question. Changes nothing. */
export async function chooseAgent(
  connection: Connection,
  questions: Questions,
  signal: AbortSignal,
): Promise<Choice | undefined> {
  const { platform } = connection;
  await requireSignedIn(connection);
  const { userId } = await platform.getCurrentUser(signal);
  const workspaces = await platform.listWorkspaces(signal);
  if (workspaces.length === 0) {
    throw new UserError(say("Your account belongs to no workspace. Join one in One Horizon first."));
  }
  const workspace = workspaces.length === 1 ? workspaces[0] : await questions.pickWorkspace(workspaces);
  if (workspace === undefined) return undefined;
  const agents = (await platform.listAgents(workspace.workspaceId, signal)).filter(takesLocalWorkers);
  if (agents.length === 0) {
    throw new UserError(
      say(
        "The workspace “{0}” has no agent that local workers can serve. Add one in One Horizon.",
        workspace.name,
      ),
    );
  }
  const agent = agents.length === 1 ? agents[0] : await questions.pickAgent(agents);
  return agent === undefined ? undefined : { userId, workspace, agent };
}

/** Registers the folder's worker for the choice and stores it. */
export async function registerChoice(
  deps: RegisterDeps,
  choice: Choice,
  signal: AbortSignal,
): Promise<Configuration> {
  const { origin, clientId, platform } = deps.connection;
  const { userId, workspace, agent } = choice;
  await requireSignedIn(deps.connection);
  const idempotencyKey = (await keptKey(deps, choice, signal)) ?? deps.random.uuid();
  const registration = await deps.registration(idempotencyKey, signal);
  const path = { workspaceId: workspace.workspaceId, agentId: agent.agentId };
  const { workerId } = await platform.registerWorker(path, registration, signal);
  const configuration: Configuration = {
    origin,
    clientId,
    userId,
    workspaceId: workspace.workspaceId,
    workspaceName: workspace.name,
    agentId: agent.agentId,
    agentName: agent.name,
    workerId,
    idempotencyKey,
    folder: deps.folder,
    stoppedByPerson: false,
    registrationHash: registrationFingerprint(registration),
  };
  await deps.configurations.set(configuration);
  return configuration;
}

/** The key of the worker that this folder already has for the choice, unless the platform does not accept it any more. */
async function keptKey(
  { configurations, connection, folder }: RegisterDeps,
  { userId, workspace, agent }: Choice,
  signal: AbortSignal,
): Promise<string | undefined> {
  const before = await configurations.get(folder, connection.origin);
  const same =
    before?.userId === userId &&
    before.workspaceId === workspace.workspaceId &&
    before.agentId === agent.agentId;
  if (!same) return undefined;
  const { workspaceId, agentId, workerId, idempotencyKey } = before;
  try {
    await connection.platform.getWorker({ workspaceId, agentId, workerId }, signal);
  } catch (error) {
    if (!PlatformError.is(error, "forbidden", "notFound")) throw error;
    return undefined;
  }
  return idempotencyKey;
}

async function requireSignedIn({ authentication }: Connection): Promise<void> {
  if (await authentication.isSignedIn()) return;
  throw new UserError(say("Sign in first; then choose the agent for this folder."));
}

/** An agent that does not say what it takes is offered. */
function takesLocalWorkers(agent: Agent): boolean {
  return agent.executionModes.length === 0 || agent.executionModes.includes("local");
}
