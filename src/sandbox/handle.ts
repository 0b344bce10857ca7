import type { DashboardState } from "./dashboard/stateView";
import type { Platform } from "./state/platform";

/** Waits for a state that fits. Throws with the sessions it saw last once `timeoutMs` are over. */
export async function untilFits(
  view: () => DashboardState,
  platform: Pick<Platform, "nextChange">,
  fits: (state: DashboardState) => boolean,
  timeoutMs: number,
): Promise<DashboardState> {
  const limit = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const state = view();
    if (fits(state)) return state;
    if (limit.aborted) {
      const seen = state.sessions.map(({ sessionId, status, remarks }) => ({ sessionId, status, remarks }));
      throw new Error(
        `The sandbox did not get there within ${timeoutMs} ms. Sessions: ${JSON.stringify(seen)}`,
      );
    }
    await platform.nextChange(state.version, timeoutMs, limit);
  }
}

/** One call of the dashboard API. Throws with the platform's message where it is refused. */
export async function callDashboard(
  baseUrl: string,
  token: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${baseUrl}/sandbox/api/${path.replace(/^\/?(sandbox\/api\/)?/, "")}`, {
    method,
    headers: {
      "x-sandbox-token": token,
      connection: "close",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: "error",
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The dashboard API answered ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
