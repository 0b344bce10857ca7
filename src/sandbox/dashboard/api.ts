import { timingSafeEqual } from "node:crypto";
import type * as z from "zod/mini";
import { sha256 } from "../auth/tokens";
import { faultSchema, type FaultBook } from "../faults";
import { json, mediaType, type HttpReply, type HttpRequest } from "../http/call";
import type { ModelServer } from "../model/modelServer";
import { modelChoiceSchema } from "../model/script";
import { badRequest, notFound, Refusal, unauthorized } from "../refusal";
import type { RequestLog } from "../requestLog";
import { answerSession, cancelSession, requeueSession, signalWorker } from "../rules/sessions";
import type { Platform } from "../state/platform";
import type { Session, Worker } from "../state/schema";
import type { Uploads } from "../state/uploads";
import * as bodies from "./bodies";
import { startRun } from "./newRun";
import { queueSession } from "./newSession";
import { runViews } from "./runView";
import { dashboardState } from "./stateView";

export interface DashboardParts {
  readonly platform: Platform;
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly model: ModelServer;
  readonly uploads: Uploads;
  readonly token: string;
  /** Takes a further `host:port` under which a browser reaches the sandbox. */
  readonly allowHost: (host: string) => void;
}

type Action = (call: {
  readonly request: HttpRequest;
  readonly id: string;
}) => HttpReply | Promise<HttpReply>;

const longestWaitMs = 25_000;

/** The dashboard's own API, under `/sandbox/api/`. JSON only, and only with the token. */
export function createDashboardApi(parts: DashboardParts): (request: HttpRequest) => Promise<HttpReply> {
  const routes = { ...reading(parts), ...acting(parts), ...steering(parts) };
  return async (request) => {
    if (!isToken(request.headers["x-sandbox-token"], parts.token)) {
      throw unauthorized("The dashboard token is missing or wrong.");
    }
    parts.platform.settle();
    const path = request.path.slice("/sandbox/api/".length).split("/");
    const [collection = "", id = "", verb] = path;
    const shape = path.length === 1 ? collection : `${collection}/:id${verb === undefined ? "" : `/${verb}`}`;
    const action = routes[`${request.method} ${shape}`] ?? routes[`${request.method} ${path.join("/")}`];
    if (!action || path.length > 3) throw notFound("dashboard path");
    return action({ request, id: decodeURIComponent(id) });
  };
}

function isToken(given: string | string[] | undefined, expected: string): boolean {
  return (
    typeof given === "string" && timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)))
  );
}

function read<T>(request: HttpRequest, schema: z.ZodMiniType<T>): T {
  if (mediaType(request.headers) !== "application/json") {
    throw new Refusal(415, "The dashboard API reads JSON.");
  }
  let raw: unknown;
  try {
    raw = JSON.parse(request.body.toString("utf8"));
  } catch {
    throw badRequest("The body is not JSON.");
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.slice(0, 3).map((one) => `${one.path.join(".")}: ${one.message}`);
  throw badRequest(`The body does not fit: ${said.join("; ")}`);
}

function reading({ platform, log, uploads, faults, model }: DashboardParts): Record<string, Action> {
  return {
    "GET state": () => json(200, dashboardState(platform)),
    "GET requests": () => json(200, { requests: log.list() }),
    "GET faults": () => json(200, { faults: faults.list() }),
    "GET model": () => json(200, model.status()),
    "GET events": async ({ request }) => {
      const since = Number(request.query.get("since") ?? 0);
      const waitMs = Math.min(
        longestWaitMs,
        Math.max(0, Number(request.query.get("waitMs") ?? longestWaitMs) || 0),
      );
      return json(200, { version: await platform.nextChange(since, waitMs, request.signal) });
    },
    "GET files/:id": ({ id }) => {
      const file = platform.state.files.find((one) => one.fileId === id);
      const bytes = file && uploads.read(file.fileId);
      if (!bytes) throw notFound("file");
      return {
        status: 200,
        bytes,
        headers: { "content-type": "application/octet-stream", "content-disposition": "attachment" },
      };
    },
  };
}

function acting({ platform }: DashboardParts): Record<string, Action> {
  const { state, clock } = platform;
  const session = (id: string): Session =>
    found(
      state.sessions.find((one) => one.sessionId === id),
      "session",
    );
  const worker = (id: string): Worker =>
    found(
      state.workers.find((one) => one.workerId === id),
      "worker",
    );
  const done = (body: object = {}): HttpReply => {
    platform.changed();
    return json(200, body);
  };
  return {
    "POST sessions": ({ request }) =>
      done({ session: queueSession(platform, read(request, bodies.newSessionBody)) }),
    "POST runs": ({ request }) => {
      const { runId } = startRun(platform, read(request, bodies.newRunBody));
      platform.changed();
      return json(200, { run: runViews(state).find((one) => one.runId === runId) });
    },
    "POST sessions/:id/answer": ({ request, id }) =>
      done({ inputId: answerSession(platform, session(id), read(request, bodies.answerBody).text) }),
    "POST sessions/:id/cancel": ({ id }) => {
      cancelSession(session(id), clock.now());
      return done();
    },
    "POST sessions/:id/requeue": ({ id }) => {
      requeueSession(session(id), clock.now());
      return done();
    },
    "POST workers/:id/signal": ({ request, id }) =>
      done({ signalId: signalWorker(platform, worker(id), read(request, bodies.signalBody).type) }),
    "POST workers/:id/reject": ({ request, id }) => {
      worker(id).rejected = read(request, bodies.rejectBody).status;
      return done();
    },
    "POST comments": ({ request }) => {
      const { taskId, content, userId = state.settings.currentUserId } = read(request, bodies.commentBody);
      const { workspaceId } = found(
        state.tasks.find((one) => one.taskId === taskId),
        "task",
      );
      state.comments.push({
        commentId: platform.nextId("comment"),
        workspaceId,
        taskId,
        userId,
        content,
        fileIds: [],
      });
      return done();
    },
  };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw notFound(what);
  return value;
}

/** What only tests and the editor need: time, faults, other people, the model, further names. */
function steering({ platform, faults, log, model, allowHost }: DashboardParts): Record<string, Action> {
  const { state, clock } = platform;
  const done = (): HttpReply => {
    platform.settle();
    platform.changed();
    return json(200, {});
  };
  return {
    "POST clock": ({ request }) => {
      clock.advance(read(request, bodies.clockBody).advanceMs);
      return done();
    },
    "POST faults": ({ request }) => {
      faults.add(read(request, faultSchema));
      return done();
    },
    "DELETE faults": () => {
      faults.clear();
      return done();
    },
    "DELETE requests": () => {
      log.clear();
      return done();
    },
    "POST settings": ({ request }) => {
      const given = read(request, bodies.settingsBody);
      Object.assign(
        state.settings,
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      );
      return done();
    },
    "POST users": ({ request }) => {
      const user = read(request, bodies.userBody);
      state.users = [...state.users.filter((one) => one.userId !== user.userId), user];
      return done();
    },
    "POST workspaces": ({ request }) => {
      const workspace = read(request, bodies.workspaceBody);
      state.workspaces = [
        ...state.workspaces.filter((one) => one.workspaceId !== workspace.workspaceId),
        workspace,
      ];
      return done();
    },
    "POST agents": ({ request }) => {
      const agent = read(request, bodies.agentBody);
      state.agents = [...state.agents.filter((one) => one.agentId !== agent.agentId), agent];
      return done();
    },
    "POST tokens": ({ request }) => {
      const { what } = read(request, bodies.revokeBody);
      state.tokens = what === "all" ? [] : state.tokens.filter((one) => one.kind !== "access");
      return done();
    },
    "POST model": ({ request }) => {
      model.choose(read(request, modelChoiceSchema));
      return json(200, model.status());
    },
    "POST hosts": ({ request }) => {
      allowHost(read(request, bodies.hostBody).host);
      return json(200, {});
    },
    "POST gates": ({ request }) => {
      model.release(read(request, bodies.releaseGateBody).gate);
      return done();
    },
  };
}
