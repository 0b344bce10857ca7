import { say } from "../base/words";
import { UserError } from "../core/actions";

const deadlineMs = 10_000;
const maxPageBytes = 200_000;

/**
 * Answers the sandbox's own sign-in page with Allow, so that trying it takes no browser. The sandbox is a process of this
 * extension; every other platform's page is for a person.
 * @returns the callback's address with its code.
 */
export async function allowInSandbox(authorizeAddress: string): Promise<string> {
  const page = await fetch(authorizeAddress, { redirect: "error", signal: AbortSignal.timeout(deadlineMs) });
  const html = (await page.text()).slice(0, maxPageBytes);
  const ticket = /name="ticket"\s+value="([\w-]+)"/.exec(html)?.[1];
  if (!page.ok || ticket === undefined) {
    throw new UserError(say("The sandbox did not offer its sign-in. Stop it and start it again."));
  }
  const url = new URL(authorizeAddress);
  const answer = await fetch(`${url.origin}/sandbox/authorize`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: url.origin },
    body: new URLSearchParams({ ticket, decision: "allow" }),
    signal: AbortSignal.timeout(deadlineMs),
  });
  const callback = answer.headers.get("location");
  if (callback === null) {
    throw new UserError(say("The sandbox refused its own sign-in. Stop it and start it again."));
  }
  return callback;
}
