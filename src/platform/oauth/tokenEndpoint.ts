import * as oauth from "oauth4webapi";
import * as z from "zod/mini";
import type { Clock } from "../../base/clock";
import { PlatformError } from "../../core/platformError";
import { withDeadline } from "../deadline";
import { addressOf } from "../http/address";
import { failureOfStatus, failureOfThrow } from "../http/failures";
import type { Fetch } from "../http/httpClient";
import { parseJson, readBody } from "../http/readBody";
import { operations } from "../wire/operations";
import type { Account } from "./account";
import type { TokenSet } from "./tokenSet";

/** The platform refused a grant for good: a spent or revoked token, a wrong code, an unknown client. */
export class GrantRefused extends Error {
  override readonly name = "GrantRefused";
  /** The word of RFC 6749, for example `invalid_grant`. */
  readonly code: string;

  constructor(code: string, description: string | undefined) {
    super(description === undefined ? code : `${code}: ${description}`);
    this.code = code;
  }
}

/** What proves that a callback answers our own request. */
export interface CodeProof {
  readonly redirectUri: string;
  readonly verifier: string;
  readonly state: string;
}

export interface TokenEndpointOptions {
  readonly account: Account;
  readonly clock: Clock;
  readonly fetch?: Fetch;
}

const maxTokenBytes = 64 * 1024;
const jsonObject = z.record(z.string(), z.unknown());

/** The token endpoint of one account. Rejects with GrantRefused, PlatformError, or the signal's reason. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
    const { origin, clientId } = options.account;
    this.#server = { issuer: origin, token_endpoint: addressOf(origin, "token").href };
    this.#client = { client_id: clientId };
  }

  /** Trades the code of a callback for tokens; the callback's state must be the one we sent. */
  exchange(callback: URLSearchParams, proof: CodeProof, signal: AbortSignal): Promise<TokenSet> {
    return this.#call(signal, async (options) => {
      // The contract names no issuer, so a callback's `iss` cannot be judged; one state belongs to one platform.
      const answer = new URLSearchParams({
        code: callback.get("code") ?? "",
        state: callback.get("state") ?? "",
      });
      const checked = oauth.validateAuthResponse(this.#server, this.#client, answer, proof.state);
      return oauth.processAuthorizationCodeResponse(
        this.#server,
        this.#client,
        await oauth.authorizationCodeGrantRequest(
          this.#server,
          this.#client,
          oauth.None(),
          checked,
          proof.redirectUri,
          proof.verifier,
          options,
        ),
      );
    });
  }

  /** Trades a refresh token; it is spent from the moment this is called. */
  refresh(refreshToken: string, signal: AbortSignal): Promise<TokenSet> {
    return this.#call(signal, async (options) =>
      oauth.processRefreshTokenResponse(
        this.#server,
        this.#client,
        await oauth.refreshTokenGrantRequest(this.#server, this.#client, oauth.None(), refreshToken, options),
      ),
    );
  }

  /** Does the platform answer at all? Asked with no token, so nothing is spent on a dead line. */
  async isReachable(signal: AbortSignal): Promise<boolean> {
    const { clock, account } = this.#options;
    const send = this.#options.fetch ?? ((to, init) => fetch(to, init));
    try {
      return await withDeadline(clock, operations.getCurrentUser.deadlineMs, signal, async (limit) => {
        const response = await send(addressOf(account.origin, "getCurrentUser"), {
          headers: { accept: "application/json" },
          redirect: "error",
          signal: limit,
        });
        await response.body?.cancel();
        return response.status < 500 && response.status !== 429;
      });
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  async #call(
    signal: AbortSignal,
    work: (options: oauth.TokenEndpointRequestOptions) => Promise<oauth.TokenEndpointResponse>,
  ): Promise<TokenSet> {
    const { clock, account } = this.#options;
    const requestedAt = clock.now();
    try {
      const answer = await withDeadline(clock, operations.token.deadlineMs, signal, (limit) =>
        work({
          signal: limit,
          // http is let through on loopback alone: platformOrigin refuses any other.
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so only to stand out
          [oauth.allowInsecureRequests]: account.origin.startsWith("http://"),
          [oauth.customFetch]: (url, init) => this.#fetch(new URL(url), init),
        }),
      );
      requireSendable(answer.access_token);
      const lifetimeMs = answer.expires_in === undefined ? undefined : answer.expires_in * 1000;
      return {
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token,
        expiresAt: lifetimeMs === undefined ? undefined : requestedAt + lifetimeMs,
        lifetimeMs,
      };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof oauth.ResponseBodyError) {
        throw new GrantRefused(error.error, error.error_description);
      }
      throw failureOfThrow("token", error);
    }
  }

  /** Bounded, never redirected, and without the id token, which the worker does not use and could not verify. */
  async #fetch(url: URL, init: oauth.CustomFetchOptions<"POST", URLSearchParams>): Promise<Response> {
    const send = this.#options.fetch ?? ((to, more) => fetch(to, more));
    const response = await send(url, {
      method: init.method,
      headers: init.headers,
      body: init.body.toString(),
      redirect: "error",
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
    const text = await readBody(response, maxTokenBytes);
    const json = jsonObject.safeParse(parseJson(text));
    const isAnswer = response.status === 200 || (json.success && typeof json.data["error"] === "string");
    if (!isAnswer || response.status >= 500) {
      throw failureOfStatus(
        "token",
        response.status,
        response.headers.get("retry-after"),
        text,
        this.#options.clock.now(),
      );
    }
    const { id_token: _unused, ...kept } = json.success ? json.data : {};
    return new Response(JSON.stringify(kept), {
      status: response.status,
      headers: { "content-type": "application/json" },
    });
  }
}

/** fetch repeats a header that it cannot send in its error, from where a token would reach logs and messages. */
function requireSendable(accessToken: string): void {
  if (/^[\x21-\x7e]+$/u.test(accessToken)) return;
  throw new PlatformError("token: the platform gave an access token that cannot be sent", {
    reason: "badAnswer",
    outcome: "unknown",
    operation: "token",
  });
}
