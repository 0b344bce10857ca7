import { say } from "../../base/words";
import { timingSafeEqual } from "node:crypto";
import { UserError } from "../../core/actions";
import { tokenHash } from "./tokenSet";

/** How the browser hands the sign-in back, as the settings say. */
export type CallbackChoice =
  | { readonly mode: "loopback"; readonly port: number }
  /** `scheme`: the editor's own, for example `vscode`. */
  | { readonly mode: "uri"; readonly scheme: string; readonly extensionId: string };

const callbackPath = "/oauth/callback";

/** The callback exactly as the OAuth app lists it; the platform compares it as text. */
export function registeredRedirect(choice: CallbackChoice): string {
  return choice.mode === "loopback"
    ? `http://localhost:${choice.port}${callbackPath}`
    : `${choice.scheme}://${choice.extensionId}${callbackPath}`;
}

/**
 * Will a browser on the user's machine reach the loopback callback? `external` is what the editor makes of that address:
 * another host or port means that the browser cannot come back to the registered one by itself.
 */
export function reachesLoopback(registered: string, external: string): boolean {
  if (!URL.canParse(external)) return false;
  const wanted = new URL(registered);
  const given = new URL(external);
  const local = ["localhost", "127.0.0.1", "[::1]"];
  return given.protocol === wanted.protocol && given.port === wanted.port && local.includes(given.hostname);
}

/** The parameters of a callback, or undefined when this address is not the registered callback at all. */
export function callbackParameters(address: string, registered: string): URLSearchParams | undefined {
  if (!URL.canParse(address)) return undefined;
  const given = new URL(address);
  const wanted = new URL(registered);
  const same =
    given.protocol === wanted.protocol && given.host === wanted.host && given.pathname === wanted.pathname;
  return same ? given.searchParams : undefined;
}

/** What a pasted address is worth: its parameters, or a sentence on what is wrong with it. */
export type PastedAddress =
  | { readonly kind: "callback"; readonly parameters: URLSearchParams }
  | { readonly kind: "problem"; readonly message: string };

/** Reads the address a person copied from the browser's address bar. */
export function parsePastedAddress(text: string, registered: string, state: string): PastedAddress {
  const parameters = callbackParameters(text.trim().replace(/^<|>$/gu, ""), registered);
  if (parameters === undefined) {
    return {
      kind: "problem",
      message: say("Paste the whole address from the browser's address bar. It starts with {0}?", registered),
    };
  }
  if (!sameSecret(parameters.get("state") ?? "", state)) {
    return {
      kind: "problem",
      message: say("This address belongs to another sign-in. Use the newest browser tab."),
    };
  }
  if (!parameters.has("code") && !parameters.has("error")) {
    return { kind: "problem", message: say("The address is cut off: it has no code. Copy all of it.") };
  }
  return { kind: "callback", parameters };
}

/** Throws UserError when the browser brought a refusal instead of a code. */
export function requireCode(parameters: URLSearchParams): void {
  const error = parameters.get("error");
  if (error === "access_denied") {
    throw new UserError(
      say("The sign-in was declined in the browser. Nothing was changed. Sign in again when you like."),
    );
  }
  if (error !== null) {
    const word = /^[\w.-]{1,60}$/u.test(error) ? error : "unknown error";
    throw new UserError(
      say(
        "The platform refused the sign-in ({0}). Nothing was changed. Check oneHorizon.oauth.clientId and oneHorizon.oauth.scopes.",
        word,
      ),
    );
  }
  if ((parameters.get("code") ?? "") === "") {
    throw new UserError(say("The browser came back without a code. Nothing was changed. Sign in again."));
  }
}

/** Compares in a time that does not depend on where two texts differ. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(tokenHash(left), "hex"), Buffer.from(tokenHash(right), "hex"));
}
