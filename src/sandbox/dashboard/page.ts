import type { HttpReply, HttpRequest } from "../http/call";

/** The files of the one page at the root. */
export interface PageAssets {
  readonly pageHtml: string;
  readonly pageStyle: string;
  readonly pageScript: string;
  readonly kitScript: string;
  readonly runsStyle: string;
  readonly runsScript: string;
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the page's own files and nothing else. */
export function dashboardPage(assets: PageAssets): (request: HttpRequest) => HttpReply | undefined {
  const file = (type: string, text: string): HttpReply => ({
    status: 200,
    text,
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cross-origin-resource-policy": "same-origin",
    },
  });
  const files = new Map([
    ["/", file("text/html", assets.pageHtml)],
    ["/sandbox/page.css", file("text/css", assets.pageStyle)],
    ["/sandbox/page.js", file("text/javascript", assets.pageScript)],
    ["/sandbox/kit.js", file("text/javascript", assets.kitScript)],
    ["/sandbox/runs.css", file("text/css", assets.runsStyle)],
    ["/sandbox/runs.js", file("text/javascript", assets.runsScript)],
    ["/favicon.ico", { status: 204 }],
  ]);
  return ({ method, path }) => (method === "GET" ? files.get(path) : undefined);
}
