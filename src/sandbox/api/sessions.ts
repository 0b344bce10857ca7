import * as z from "zod/mini";
import { json, type HttpReply } from "../http/call";
import { activityBody, addActivity } from "../rules/activities";
import { activeClaim, claim, renew } from "../rules/claims";
import { createBody, createSession as create } from "../rules/delegation";
import { isOffered } from "../rules/eligibility";
import { finish, type Finish } from "../rules/finish";
import { applyPatch, patchBody } from "../rules/patch";
import { agentOf, sessionOf, workerOf, type Call, type Handler } from "./context";
import { claimView, sessionView } from "./views";

export const pollSessions: Handler = (call) => {
  const worker = workerOf(call);
  const limit = z.parse(z.number(), call.query["limit"] ?? 50);
  const offered = call.platform.state.sessions.filter((one) => isOffered(one, worker));
  const oldestFirst = offered.toSorted((a, b) => a.createdAt - b.createdAt).slice(0, limit);
  return json(200, { sessions: oldestFirst.map((one) => sessionView(call.platform, one, worker)) });
};

export const getAgentSession: Handler = (call) => {
  const worker = workerOf(call);
  return json(200, { session: sessionView(call.platform, sessionOf(call), worker) });
};

export const patchAgentSession: Handler = (call) => {
  const worker = workerOf(call);
  const session = sessionOf(call);
  const patch = z.parse(patchBody, call.body);
  activeClaim(session, worker, patch.claimId);
  applyPatch(call.platform.state, session, patch, call.platform.clock.now());
  call.platform.changed();
  return json(200, { session: sessionView(call.platform, session, worker) });
};

const claimBody = z.object({ leaseSeconds: z.optional(z.number()), claimId: z.optional(z.string()) });

export const claimSession: Handler = (call) => {
  const { platform } = call;
  const worker = workerOf(call);
  const session = sessionOf(call);
  const { claimId, leaseSeconds } = z.parse(claimBody, call.body);
  const now = platform.clock.now();
  const held =
    claimId === undefined
      ? claim(session, worker, leaseSeconds, now)
      : renew(session, worker, claimId, leaseSeconds, platform.state.settings.renewal, now);
  platform.changed();
  return json(200, { claim: claimView(held), session: sessionView(platform, session, worker) });
};

export const createActivity: Handler = (call) => {
  const worker = workerOf(call);
  const session = sessionOf(call);
  const body = z.parse(activityBody, call.body);
  const isNew = addActivity(
    session,
    activeClaim(session, worker, body.claimId),
    body,
    call.platform.clock.now(),
  );
  if (isNew) call.platform.changed();
  return json(isNew ? 201 : 200, {});
};

const finishBody = z.object({
  claimId: z.string(),
  summary: z.optional(z.string()),
  errorMessage: z.optional(z.string()),
  errorReason: z.optional(z.string()),
  reason: z.optional(z.string()),
});

function finishWith(call: Call, how: (body: z.infer<typeof finishBody>) => Finish): HttpReply {
  const { platform } = call;
  const worker = workerOf(call);
  const session = sessionOf(call);
  const body = z.parse(finishBody, call.body);
  activeClaim(session, worker, body.claimId);
  const delegated = platform.state.sessions.some((one) => one.delegatingSessionId === session.sessionId);
  finish(session, body.claimId, how(body), delegated, platform.clock.now());
  platform.changed();
  return json(200, { session: sessionView(platform, session, worker) });
}

export const completeSession: Handler = (call) =>
  finishWith(call, ({ summary }) => ({ kind: "complete", summary }));

export const failSession: Handler = (call) =>
  finishWith(call, ({ errorMessage, errorReason }) => ({
    kind: "fail",
    message: errorMessage ?? "",
    reason: errorReason,
  }));

export const releaseSession: Handler = (call) =>
  finishWith(call, ({ reason }) => ({ kind: "release", reason }));

export const createSession: Handler = (call) => {
  const { workspaceId, agentId } = agentOf(call);
  const session = create(call.platform, call.user, workspaceId, agentId, z.parse(createBody, call.body));
  call.platform.changed();
  return json(201, { session: sessionView(call.platform, session, null) });
};
