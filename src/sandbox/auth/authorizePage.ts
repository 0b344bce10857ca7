import { escapeHtml as escape } from "../http/html";

/** What the page says and sends back. */
export interface AuthorizePage {
  readonly clientId: string;
  readonly callback: string;
  readonly scope: string;
  /** Names this one showing of the page; the decision must carry it. */
  readonly ticket: string;
  readonly users: readonly { readonly userId: string; readonly name: string; readonly chosen: boolean }[];
}

/** Fills the template; every value is escaped. */
export function authorizePage(template: string, page: AuthorizePage): string {
  const options = page.users
    .map(
      (one) =>
        `<option value="${escape(one.userId)}"${one.chosen ? " selected" : ""}>${escape(one.name)}</option>`,
    )
    .join("");
  const values: Readonly<Record<string, string>> = {
    client: escape(page.clientId),
    callback: escape(page.callback),
    scope: escape(page.scope),
    ticket: escape(page.ticket),
    users: options,
    several: page.users.length > 1 ? "" : "hidden",
    name: escape(page.users.find((one) => one.chosen)?.name ?? ""),
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? "");
}

/**
 * The page's own rules: nothing but its style and a form to this server. Browsers also hold the redirect that follows
 * a form against `form-action`, so the callback is named there.
 */
export function authorizePolicy(styleHash: string, callback: string): string {
  const url = new URL(callback);
  const target = url.protocol === "http:" || url.protocol === "https:" ? url.origin : url.protocol;
  return [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    `form-action 'self' ${target}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
