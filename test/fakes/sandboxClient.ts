import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Sandbox } from "../../src/sandbox/server";

/** An answer of the platform; `get` reads its JSON body by path and gives undefined where there is nothing. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  get(...path: readonly (string | number)[]): unknown;
  /** As `get`, for what has to be a text. Throws where it is none. */
  text(...path: readonly (string | number)[]): string;
}

/** What a sign-in needs to know of a sandbox, which may run elsewhere. */
export type SandboxDoor = Pick<Sandbox, "baseUrl" | "clientId">;

export interface SignIn {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A sandbox that is started again has the same port, and a kept connection would lead to the one before. */
const freshFetch = (url: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  headers.set("connection", "close");
  return fetch(url, { ...init, headers });
};

export const callback = "http://localhost:43117/oauth/callback";

/** Presses Allow on the authorize page; gives the URL that the browser is sent to. */
export async function authorize(
  sandbox: SandboxDoor,
  challenge: string,
  options: {
    readonly decision?: "allow" | "deny";
    readonly user?: string;
    readonly redirectUri?: string;
  } = {},
): Promise<URL> {
  const query = new URLSearchParams({
    client_id: sandbox.clientId,
    redirect_uri: options.redirectUri ?? callback,
    response_type: "code",
    scope: "openid profile email",
    state: "0123456789abcdef",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const page = await (await freshFetch(`${sandbox.baseUrl}/app/auth/authorize?${query.toString()}`)).text();
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const form = new URLSearchParams({ ticket, decision: options.decision ?? "allow" });
  if (options.user !== undefined) form.set("user", options.user);
  const answer = await freshFetch(`${sandbox.baseUrl}/sandbox/authorize`, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  return new URL(answer.headers.get("location") ?? "about:blank");
}

export async function token(sandbox: SandboxDoor, form: Record<string, string>): Promise<Answer> {
  return answerOf(
    await freshFetch(`${sandbox.baseUrl}/app/auth/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    }),
  );
}

export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** The whole sign-in, as a user who presses Allow. */
export async function signIn(sandbox: SandboxDoor, user?: string): Promise<SignIn> {
  const { verifier, challenge } = pkce();
  const target = await authorize(sandbox, challenge, user === undefined ? {} : { user });
  const answer = await token(sandbox, {
    grant_type: "authorization_code",
    client_id: sandbox.clientId,
    code: target.searchParams.get("code") ?? "",
    code_verifier: verifier,
    redirect_uri: callback,
  });
  return { accessToken: answer.text("access_token"), refreshToken: answer.text("refresh_token") };
}

export type Api = (method: "GET" | "POST" | "PATCH", path: string, body?: unknown) => Promise<Answer>;

/** Calls of the platform with a token; paths are below `/api/v1`. */
export function apiOf(sandbox: Sandbox, accessToken: string): Api {
  return async (method, path, body) =>
    answerOf(
      await freshFetch(`${sandbox.baseUrl}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${accessToken}`,
          ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      }),
    );
}

async function answerOf(response: Response): Promise<Answer> {
  const raw = await response.text();
  const body: unknown = raw === "" ? undefined : JSON.parse(raw);
  const get: Answer["get"] = (...path) => path.reduce<unknown>(step, body);
  return {
    status: response.status,
    body,
    get,
    text: (...path) => {
      const value = get(...path);
      if (typeof value !== "string") {
        throw new Error(`${response.status}: no text at ${path.join(".")} in ${raw}`);
      }
      return value;
    },
  };
}

const step = (value: unknown, name: string | number): unknown =>
  typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(String(name)) : undefined;

export const agentPath = "/workspaces/ws_sandbox/agents/agent_sandbox";

/** The facts of a registration that fits. */
export const registration = (more: object = {}): object => ({
  executionMode: "local",
  name: "VS Code worker",
  runtime: { provider: "codex", version: "0.169.0" },
  worktreeMode: "task",
  maxConcurrentSessions: 6,
  idempotencyKey: randomUUID(),
  ...more,
});

/** A beat that fits. */
export const beat = { state: "idle", activeSessions: 0, runtime: { provider: "codex" } };

/** A signed-in user with a registered worker. */
export async function workerAt(
  sandbox: Sandbox,
  more: object = {},
  user?: string,
): Promise<{ readonly api: Api; readonly workerId: string; readonly path: string }> {
  const api = apiOf(sandbox, (await signIn(sandbox, user)).accessToken);
  const answer = await api("POST", `${agentPath}/workers`, registration(more));
  const workerId = answer.text("worker", "workerId");
  return { api, workerId, path: `${agentPath}/workers/${workerId}` };
}

/** Queues a session through the dashboard; gives its id. */
export async function queue(sandbox: Sandbox, more: object = {}): Promise<string> {
  await sandbox.dashboard("POST", "sessions", { title: "Fix it", prompt: "Please fix it.", ...more });
  return sandbox.state().sessions.at(-1)?.sessionId ?? "";
}

/** An activity that fits. */
export const activity = (claimId: string, sequence: number, more: object = {}): object => ({
  claimId,
  activityId: randomUUID(),
  sequence,
  type: "progress",
  message: "working",
  occurredAt: new Date().toISOString(),
  ...more,
});
