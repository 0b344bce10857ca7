import type { HttpReply, HttpRequest } from "../http/call";
import { escapeHtml } from "../http/html";
import { notFound } from "../refusal";
import type { Platform } from "../state/platform";
import { runViews, type RunView } from "./runView";

/** Where the pages lie that stand for pull requests; a page's key follows. */
export const pullRequestPath = "/sandbox/pull-requests/";

const policy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/** The page that stands for a run's pull request. Undefined for other paths; throws 404 for a key that nobody has. */
export function pullRequestPage(
  { state }: Pick<Platform, "state">,
  request: HttpRequest,
): HttpReply | undefined {
  if (request.method !== "GET" || !request.path.startsWith(pullRequestPath)) return undefined;
  const key = request.path.slice(pullRequestPath.length);
  const run = runViews(state).find((one) => one.pullRequest?.key === key);
  if (run === undefined) throw notFound("pull request");
  return {
    status: 200,
    text: pageOf(run),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
  };
}

function pageOf(run: RunView): string {
  const title = escapeHtml(run.title);
  const steps = run.steps.map((one) => {
    const verdict = one.verdict === null ? "" : `: ${one.verdict}`;
    return `<li><span>${escapeHtml(`${one.mode ?? "no mode"}${verdict}`)}</span></li>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} – One Horizon sandbox</title>
    <link rel="stylesheet" href="/sandbox/page.css" />
    <link rel="stylesheet" href="/sandbox/runs.css" />
  </head>
  <body>
    <header><h1>One Horizon <span>sandbox</span></h1></header>
    <main class="pull-request">
      <article class="session">
        <h2>Pull request</h2>
        <h3>${title}</h3>
        <p class="meta">From the branch <code>${escapeHtml(run.branchName ?? "")}</code>, which is on the remote.</p>
        <ol class="steps">${steps.join("")}</ol>
        <p class="meta">The sandbox stands in for the host of the code. Nothing can be merged here.</p>
      </article>
    </main>
  </body>
</html>
`;
}
