/** What the page of a panel is made of. */
export interface PanelPage {
  /** A language tag such as `en` or `pt-br`. */
  readonly language: string;
  readonly title: string;
  /** Where the webview may load from: the editor's own word for it. */
  readonly cspSource: string;
  /** Unguessable, another one for each page. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

/** Nothing but our own bundle: no remote content, no inline script or style, no form, no frame. */
export function contentSecurityPolicy({ cspSource, nonce }: Pick<PanelPage, "cspSource" | "nonce">): string {
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `font-src ${cspSource}`,
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
}

/** The page itself; everything on it comes by messages. */
export function panelHtml(page: PanelPage): string {
  return `<!DOCTYPE html>
<html lang="${escapeHtml(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentSecurityPolicy(page))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${escapeHtml(page.style)}">
</head>
<body>
<script nonce="${escapeHtml(page.nonce)}" src="${escapeHtml(page.script)}"></script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
