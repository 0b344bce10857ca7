const maxLength = 8_192;

/** The query of a sign-in callback; undefined for any other path, an overlong query, or one without `state`. */
export function callbackQuery(path: string, query: string): URLSearchParams | undefined {
  if (path !== "/oauth/callback" || query.length > maxLength) return undefined;
  // The editor hands the query over decoded, so that a plus in it is one, and no space.
  const parameters = new URLSearchParams(query.replaceAll("+", "%2B"));
  return parameters.has("state") ? parameters : undefined;
}
