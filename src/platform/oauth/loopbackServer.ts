import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Disposable } from "../../base/disposable";
import { say } from "../../base/words";
import { UserError } from "../../core/actions";
import { sameSecret } from "./redirects";

/** A waiting callback server. */
export interface LoopbackCallback extends Disposable {
  /** The parameters of the one request that carried the right state. Never rejects; stays pending when disposed first. */
  readonly arrived: Promise<URLSearchParams>;
  /** The addresses it listens on, for tests and diagnostics. */
  readonly addresses: readonly string[];
}

export interface LoopbackOptions {
  /** The registered callback, `http://localhost:<port>/…`. */
  readonly redirectUri: string;
  readonly state: string;
  /** Where to listen; the two names of this machine where absent. A test names others. */
  readonly hosts?: readonly string[];
}

const loopback = ["127.0.0.1", "::1"];

const page = (text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"><title>One Horizon Worker</title><h1>One Horizon Worker</h1><p>${text}</p></html>\n`;

/**
 * Listens for the browser's answer on 127.0.0.1 and ::1, or on the one of them that the machine has. Requests with another
 * host, path, method or state are answered and change nothing. Rejects with UserError when the port is taken or cannot be had.
 */
export async function listenForCallback(options: LoopbackOptions): Promise<LoopbackCallback> {
  const { promise, resolve } = deferred<URLSearchParams>();
  let used = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const judged = judge(request, options);
    const reply: Reply =
      used && judged.parameters !== undefined
        ? { status: 410, text: say("This sign-in was answered before. You can close this tab.") }
        : judged;
    send(response, reply.status, reply.text);
    if (reply.parameters === undefined) return;
    used = true;
    resolve(reply.parameters);
  };
  const port = Number(new URL(options.redirectUri).port || "80");
  const servers: Server[] = [];
  const dispose = (): void => {
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
  };
  try {
    for (const host of options.hosts ?? loopback) {
      const server = await listen(host, port, answer).catch(whyNot(port));
      if (server !== undefined) servers.push(server);
    }
    if (servers.length === 0) throw cannotListen(port);
  } catch (error) {
    dispose();
    throw error;
  }
  return { arrived: promise, addresses: servers.map(addressText), dispose };
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly parameters?: URLSearchParams;
}

/** What one request is worth. Only the right state uses the server up. */
function judge(request: IncomingMessage, options: LoopbackOptions): Reply {
  const wanted = new URL(options.redirectUri);
  if (request.headers.host !== wanted.host) {
    return { status: 421, text: say("This is not the address of the sign-in.") };
  }
  const target = request.url ?? "";
  if (!target.startsWith("/") || !URL.canParse(target, wanted.origin)) {
    return { status: 400, text: "Not a request." };
  }
  const url = new URL(target, wanted.origin);
  if (url.host !== wanted.host || url.pathname !== wanted.pathname) {
    return { status: 404, text: say("Nothing is here.") };
  }
  if (request.method !== "GET") {
    return { status: 405, text: say("Only the browser's redirect is answered.") };
  }
  if (!sameSecret(url.searchParams.get("state") ?? "", options.state)) {
    return {
      status: 400,
      text: say("This is not the sign-in that the editor waits for. Start it again in the editor."),
    };
  }
  const text = url.searchParams.has("error")
    ? say("The sign-in was not completed. You can close this tab and go back to the editor.")
    : say("You can close this tab and go back to the editor.");
  return { status: 200, text, parameters: url.searchParams };
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(page(text));
}

function listen(
  host: string,
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(
      { maxHeaderSize: 16_384, headersTimeout: 5_000, requestTimeout: 5_000 },
      answer,
    );
    server.maxConnections = 16;
    server.once("error", reject);
    server.listen({ host, port, exclusive: true, ipv6Only: host === "::1" }, () => {
      server.off("error", reject);
      // A connection that fails is the browser's business.
      server.on("error", () => undefined);
      resolve(server);
    });
  });
}

/** A machine may lack one of the two addresses; a port that another program holds on either could answer in our place. */
function whyNot(port: number): (error: unknown) => undefined {
  return (error) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "EINVAL") return undefined;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    throw new UserError(
      say(
        "Port {0} is taken by another program, so the browser could not hand the sign-in back. Nothing was changed. Close that program (or another sign-in that waits), or set oneHorizon.oauth.loopbackPort to a port that the OAuth app also lists.",
        port,
      ),
      { cause: error },
    );
  };
}

function cannotListen(port: number): UserError {
  return new UserError(
    say(
      "This machine has neither 127.0.0.1 nor ::1, so the browser could not hand the sign-in back on port {0}. Nothing was changed. Bring the loopback network up, or set oneHorizon.oauth.callback to uri where the OAuth app lists that address.",
      port,
    ),
  );
}

function addressText(server: Server): string {
  const address: AddressInfo | string | null = server.address();
  return address === null || typeof address === "string" ? "" : address.address;
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
