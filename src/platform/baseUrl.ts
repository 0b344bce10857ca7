import { say } from "../base/words";
import { UserError } from "../core/actions";

/**
 * The origin of a platform address, without a final slash. Throws UserError unless it is https, or http on loopback,
 * with nothing but a host and a port.
 */
export function platformOrigin(address: string): string {
  const problem = (why: string): UserError =>
    new UserError(
      say(
        "The platform address {0}. Nothing was sent. Set oneHorizon.platform.baseUrl to an address such as https://onehorizon.ai.",
        why,
      ),
    );
  if (!URL.canParse(address.trim())) throw problem(say("cannot be read"));
  const url = new URL(address.trim());
  if (url.username !== "" || url.password !== "") {
    throw problem(say("must not carry a user name or password"));
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw problem(say("must start with https:// (http:// is for this machine only)"));
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw problem(say("must be a host and nothing after it"));
  }
  return url.origin;
}

/** Is this host name, as URL spells it, this machine itself? */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/u.test(hostname);
}
