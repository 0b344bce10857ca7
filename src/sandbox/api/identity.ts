import { json } from "../http/call";
import { workspaceOf, type Handler } from "./context";
import { agentView } from "./views";

export const getCurrentUser: Handler = ({ user }) => json(200, { user });

export const listWorkspaces: Handler = ({ platform, user }) =>
  json(200, {
    workspaces: platform.state.workspaces
      .filter((one) => one.memberIds.includes(user.userId))
      .map(({ workspaceId, name }) => ({ workspaceId, name })),
  });

export const listAgents: Handler = (call) => {
  const { workspaceId } = workspaceOf(call);
  const agents = call.platform.state.agents.filter((one) => one.workspaceId === workspaceId);
  return json(200, { agents: agents.map(agentView) });
};
