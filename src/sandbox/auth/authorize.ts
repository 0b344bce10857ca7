import { createHash, randomBytes } from "node:crypto";
import type { HttpReply } from "../http/call";
import { badRequest } from "../refusal";
import type { Platform } from "../state/platform";
import { authorizePage, authorizePolicy } from "./authorizePage";
import type { AuthorizeRequest, PendingCodes } from "./codes";

/** The browser's side of sign-in: the page, and what its two buttons do. */
export interface Authorization {
  /** Shows the page. Throws 400, without any redirect, for a client or callback that is not on record. */
  show(query: URLSearchParams): HttpReply;
  /** Allow or Deny. Throws 400 for a ticket that is unknown, used or older than ten minutes. */
  decide(form: URLSearchParams): HttpReply;
}

const ticketLifetimeMs = 600_000;

export function createAuthorization(
  platform: Platform,
  codes: PendingCodes,
  template: string,
): Authorization {
  const tickets = new Map<string, { readonly request: AuthorizeRequest; readonly at: number }>();
  const styleHash = hashOfStyle(template);
  return {
    show: (query) => {
      const { settings, users } = platform.state;
      const request = readRequest(query);
      if (request.clientId !== settings.clientId) throw badRequest("The client is unknown to this platform.");
      if (!settings.callbacks.includes(request.redirectUri)) {
        throw badRequest("The callback is not registered for this client.");
      }
      const now = platform.clock.now();
      for (const [id, one] of tickets) if (now - one.at > ticketLifetimeMs) tickets.delete(id);
      const ticket = randomBytes(24).toString("base64url");
      tickets.set(ticket, { request, at: now });
      return page(
        200,
        authorizePage(template, {
          clientId: request.clientId,
          callback: request.redirectUri,
          scope: request.scope,
          ticket,
          users: users.map((one) => ({ ...one, chosen: one.userId === settings.currentUserId })),
        }),
        authorizePolicy(styleHash, request.redirectUri),
      );
    },
    decide: (form) => {
      const id = form.get("ticket") ?? "";
      const ticket = tickets.get(id);
      tickets.delete(id);
      const now = platform.clock.now();
      if (!ticket || now - ticket.at > ticketLifetimeMs) {
        throw badRequest("This page is too old. Start the sign-in again.");
      }
      const userId = form.get("user") ?? platform.state.settings.currentUserId;
      if (!platform.state.users.some((one) => one.userId === userId)) {
        throw badRequest("The user is unknown.");
      }
      const target = new URL(ticket.request.redirectUri);
      target.searchParams.set("state", ticket.request.state);
      if (form.get("decision") === "allow") {
        target.searchParams.set("code", codes.issue(ticket.request, userId, now));
      } else target.searchParams.set("error", "access_denied");
      return { status: 302, text: "", headers: { location: target.href, "referrer-policy": "no-referrer" } };
    },
  };
}

function readRequest(query: URLSearchParams): AuthorizeRequest {
  // The contract has judged presence and length of each value already.
  const value = (name: string): string => query.get(name) ?? "";
  if (!/^[\w-]{43}$/.test(value("code_challenge"))) {
    throw badRequest("The code challenge is not an S256 one.");
  }
  return {
    clientId: value("client_id"),
    redirectUri: value("redirect_uri"),
    scope: value("scope"),
    state: value("state"),
    challenge: value("code_challenge"),
  };
}

function page(status: number, text: string, policy: string): HttpReply {
  return {
    status,
    text,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      // With no-referrer a browser hides the origin of the form as well, which the decision is checked by.
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
    },
  };
}

function hashOfStyle(template: string): string {
  const style = /<style>([\s\S]*?)<\/style>/.exec(template)?.[1] ?? "";
  return `sha256-${createHash("sha256").update(style).digest("base64")}`;
}
