import { forbidden, unauthorized } from "../refusal";
import type { Platform } from "../state/platform";
import type { User } from "../state/schema";
import { findToken } from "./tokens";

/** What a workspace API key of the platform starts with. */
const apiKeyPrefix = "ohk_";

/** The signed-in user of a call. Throws 401 for no valid token, 403 for an API key. */
export function callerOf(platform: Platform, authorization: string | undefined): User {
  const value = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  if (value === undefined) throw unauthorized("A bearer token is needed.");
  if (value.startsWith(apiKeyPrefix)) {
    throw forbidden("A workspace API key cannot do agent work. Sign in as a user.");
  }
  const token = findToken(platform, "access", value);
  if (!token || (token.expiresAt ?? 0) <= platform.clock.now()) {
    throw unauthorized("The token is unknown or has expired.");
  }
  const user = platform.state.users.find((one) => one.userId === token.userId);
  if (!user) throw unauthorized("The token's user no longer exists.");
  return user;
}
