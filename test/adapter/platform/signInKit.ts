import { createServer, request as httpRequest } from "node:http";
import type { CallbackChoice } from "../../../src/platform/oauth/redirects";
import type { Sandbox } from "../../../src/sandbox/server";

export const uriCallback = "vscode://one-horizon.one-horizon-worker/oauth/callback";
export const uriChoice: CallbackChoice = {
  mode: "uri",
  scheme: "vscode",
  extensionId: "one-horizon.one-horizon-worker",
};

/** A free port at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly policy: string;
}

/** A request as a browser, or somebody less kind, would send it. */
export function ask(
  port: number,
  path: string,
  more: { readonly host?: string; readonly method?: string; readonly to?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: more.to ?? "127.0.0.1",
        port,
        path,
        method: more.method ?? "GET",
        agent: false,
        headers: { host: more.host ?? `localhost:${port}` },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            policy: String(response.headers["content-security-policy"]),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end();
  });
}

/** Presses a button of the sandbox's authorize page; gives where the browser is sent. */
export async function press(sandbox: Sandbox, address: string, decision: "allow" | "deny"): Promise<URL> {
  const page = await (await fetch(address)).text();
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const answer = await fetch(`${sandbox.baseUrl}/sandbox/authorize`, {
    method: "POST",
    body: new URLSearchParams({ ticket, decision }),
    redirect: "manual",
  });
  return new URL(answer.headers.get("location") ?? "about:blank");
}
