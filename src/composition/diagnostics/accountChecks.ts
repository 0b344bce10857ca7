import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import { attention, checksOf, failed, notTried, passed, platformTrouble, restricted } from "./findings";
import type { DiagnosedParts } from "./parts";

/** Reading the store and asking other windows may take this long, milliseconds. */
const signInMs = 30_000;

/** Who is signed in, without a word of the tokens. */
export function accountChecks(parts: DiagnosedParts): readonly Check[] {
  return checksOf(
    "account",
    {
      id: "account.signedIn",
      name: say("Sign-in"),
      expected: say("You are signed in"),
      limitMs: signInMs,
      find: async () => {
        if (!parts.trusted()) return restricted();
        const signedIn = await parts.connection().authentication.isSignedIn();
        return signedIn
          ? passed(say("You are signed in."))
          : failed(say("You are signed out."), say("Run Sign In."));
      },
    },
    {
      id: "account.token",
      name: say("Access token"),
      expected: say("It is there, and is renewed before it ends"),
      limitMs: signInMs,
      find: async () => (parts.trusted() ? await token(parts) : restricted()),
    },
    {
      id: "account.scopes",
      name: say("Scopes"),
      expected: say("Sign In asks for the scopes of the settings"),
      find: () => Promise.resolve(passed(parts.settings().oauth.scopes)),
    },
    {
      id: "account.user",
      name: say("User"),
      expected: say("The platform knows who you are"),
      limitMs: parts.platformMs ?? signInMs,
      find: async (signal) => {
        if (!parts.trusted()) return restricted();
        const { authentication, platform } = parts.connection();
        if (!(await authentication.isSignedIn())) return notTried(say("Sign in first."));
        try {
          const { userId, name } = await platform.getCurrentUser(signal);
          return passed(name === undefined ? userId : say("{0} ({1})", name, userId));
        } catch (error) {
          signal.throwIfAborted();
          return platformTrouble(error);
        }
      },
    },
  );
}

async function token(parts: DiagnosedParts): Promise<Finding> {
  const facts = await parts.connection().tokenFacts();
  if (facts === undefined) return notTried(say("Sign in first."));
  const { expiresAt, renewal } = facts;
  const end = expiresAt === undefined ? say("No end is told.") : endWords(expiresAt - parts.clock.now());
  switch (renewal) {
    case "here":
      return passed(`${end} ${say("It is renewed by itself.")}`);
    case "elsewhere":
      return passed(`${end} ${say("Another window renews it.")}`);
    case "none":
      if (expiresAt === undefined) return passed(end);
      return attention(`${end} ${say("It cannot be renewed.")}`, say("Sign in again before it ends."));
  }
}

function endWords(inMs: number): string {
  if (inMs <= 0) return say("It has ended.");
  const minutes = Math.ceil(inMs / 60_000);
  return minutes === 1 ? say("It ends within 1 minute.") : say("It ends in {0} minutes.", minutes);
}
