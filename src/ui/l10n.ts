/** Translation as the pure models need it; `vscode.l10n` fits. Messages are literals with `{0}`, `{1}` places. */
export interface L10n {
  t(message: string, ...args: (string | number | boolean)[]): string;
}
