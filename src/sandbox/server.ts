import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { answerContractCall } from "./api/endpoint";
import { uploadLimitBytes } from "./api/content";
import { createAuthorization } from "./auth/authorize";
import { pendingCodes } from "./auth/codes";
import { createSandboxClock, type SandboxClock } from "./clock";
import { createContract } from "./contract/validate";
import { createDashboardApi } from "./dashboard/api";
import { dashboardPage, type PageAssets } from "./dashboard/page";
import { download } from "./dashboard/download";
import { pullRequestPage, pullRequestPath } from "./dashboard/pullRequest";
import { dashboardState, type DashboardState } from "./dashboard/stateView";
import { faultBook, type FaultBook } from "./faults";
import { callDashboard, untilFits } from "./handle";
import type { HttpReply, HttpRequest } from "./http/call";
import { hostRule } from "./http/hosts";
import { listen } from "./http/listener";
import { firstAvailable, loopbackHosts } from "./http/loopback";
import { startModelServer, type ModelServer } from "./model/modelServer";
import { forbidden, Refusal } from "./refusal";
import { requestLog, type RequestLog } from "./requestLog";
import { feedbacksOn } from "./rules/runs";
import { createPlatform } from "./state/createPlatform";
import { seedState, type SeedOptions } from "./state/seed";
import { openStorage } from "./state/storage";
import { openUploads } from "./state/uploads";

/** The texts the sandbox serves or judges by; bundled in the product, read from the folder in tests. */
export interface SandboxAssets extends PageAssets {
  readonly openapi: string;
  readonly authorizePage: string;
}

export interface SandboxOptions extends SeedOptions {
  readonly assets: SandboxAssets;
  /** Where the state is kept; nothing is kept where absent. */
  readonly dataDir?: string | undefined;
  /** Loopback only. Where absent: 127.0.0.1, or ::1 on a machine that has no other. */
  readonly host?: string | undefined;
  /** 0 or absent: the one used last time where it is free, else any. */
  readonly port?: number | undefined;
  readonly modelPort?: number | undefined;
  readonly modelScript?: string | undefined;
  /** How long the scripted model takes for each of its steps. */
  readonly modelPaceMs?: number | undefined;
  /** Further `host:port` names under which a browser may reach the sandbox, for a forwarded port. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A running sandbox, as tests hold it. */
export interface Sandbox {
  readonly baseUrl: string;
  /** The token stands in the fragment, which no browser sends. */
  readonly dashboardUrl: string;
  readonly dashboardToken: string;
  /** Base URL for a Responses API client, `/v1` included. */
  readonly modelBaseUrl: string;
  readonly clientId: string;
  readonly clock: SandboxClock;
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly model: ModelServer;
  /** Moves the clock and applies what the time changes. */
  advance(byMs: number): void;
  /** What the dashboard sees. */
  state(): DashboardState;
  /** Waits for the state to fit. Throws with the last state's sessions after `timeoutMs` (10 s). */
  until(fits: (state: DashboardState) => boolean, timeoutMs?: number): Promise<DashboardState>;
  /** Calls the dashboard API over HTTP. Throws where it refuses. */
  dashboard(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/** Starts the platform, its dashboard and the scripted model. Rejects where the host is not loopback. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? (await firstAvailable(loopbackHosts));
  if (!loopback.has(host)) throw new Error(`The sandbox listens on loopback only, not on ${host}.`);
  const onError = options.onError ?? (() => undefined);
  const keep = openStorage(options.dataDir, onError);
  const state = keep.state?.read() ?? seedState(options);
  // The editor's own scheme may differ from the one of the last start.
  state.settings.callbacks = [...new Set([...state.settings.callbacks, ...(options.callbacks ?? [])])];
  const clock = createSandboxClock(state.clockAheadMs);
  let baseUrl = "";
  const platform = createPlatform(
    state,
    clock,
    (value) => keep.state?.write(value),
    (key) => `${baseUrl}${pullRequestPath}${key}`,
  );
  const before = keep.connection?.read();
  const dashboardToken = before?.dashboardToken ?? randomBytes(32).toString("base64url");
  const model = await startModelServer({
    host,
    port:
      options.modelPort === undefined || options.modelPort === 0
        ? (before?.modelPort ?? 0)
        : options.modelPort,
    script: options.modelScript ?? "default",
    paceMs: options.modelPaceMs ?? 0,
    feedbacksOn: (branch) => feedbacksOn(state, branch),
    onError,
  });
  const codes = pendingCodes();
  const authorization = createAuthorization(platform, codes, options.assets.authorizePage);
  const faults = faultBook();
  const log = requestLog();
  const contract = createContract(options.assets.openapi);
  const { dataDir } = options;
  const uploads = openUploads({ dataDir, secret: dashboardToken, baseUrl: () => baseUrl });
  const allowHost = (name: string): void => hosts.allow(name);
  const api = createDashboardApi({ platform, faults, log, model, uploads, token: dashboardToken, allowHost });
  const page = dashboardPage(options.assets);
  const parts = { platform, contract, codes, authorization, faults, log, uploads, onError };
  let hosts = hostRule(0);

  const route = async (request: HttpRequest, response: ServerResponse): Promise<HttpReply | undefined> => {
    if (!hosts.allowsHost(request.headers)) throw new Refusal(421, "This host name is not the sandbox's.");
    if (request.path === "/sandbox/authorize" && request.method === "POST") {
      if (!hosts.allowsOrigin(request.headers)) throw forbidden("Another page may not answer for you.");
      return authorization.decide(new URLSearchParams(request.body.toString("utf8")));
    }
    if (request.path.startsWith("/sandbox/api/")) {
      if (!hosts.allowsOrigin(request.headers)) throw forbidden("Another page may not use the dashboard.");
      return api(request);
    }
    // The worker is no page: it sends no Origin. What a page of another site posts is not even looked at.
    if (request.headers.origin !== undefined && !hosts.allowsOrigin(request.headers)) {
      throw forbidden("Another page may not call the platform.");
    }
    return (
      page(request) ??
      download(platform, uploads, request) ??
      pullRequestPage(platform, request) ??
      (await answerContractCall(parts, request, response))
    );
  };
  const listener = await listen({
    host,
    port: options.port === undefined || options.port === 0 ? (before?.port ?? 0) : options.port,
    bodyLimit: ({ url }) => (url?.endsWith("/files") === true ? uploadLimitBytes + 65_536 : 1_048_576),
    answer: route,
    onError,
  });
  hosts = hostRule(listener.port, options.allowedHosts);
  keep.connection?.write({ dashboardToken, port: listener.port, modelPort: model.port });
  baseUrl = `http://${host === "::1" ? "[::1]" : host}:${listener.port}`;
  platform.changed();

  const view = (): DashboardState => dashboardState(platform);
  return {
    baseUrl,
    dashboardUrl: `${baseUrl}/#token=${dashboardToken}`,
    dashboardToken,
    modelBaseUrl: model.baseUrl,
    clientId: state.settings.clientId,
    clock,
    faults,
    log,
    model,
    advance: (byMs) => {
      clock.advance(byMs);
      platform.changed();
    },
    state: view,
    until: (fits, timeoutMs = 10_000) => untilFits(view, platform, fits, timeoutMs),
    dashboard: (method, path, body) => callDashboard(baseUrl, dashboardToken, method, path, body),
    close: async () => {
      await listener.close();
      await model.close();
    },
  };
}
