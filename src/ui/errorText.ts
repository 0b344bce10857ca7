import { say, translated } from "../base/words";
import { UserError } from "../core/actions";
import { PlatformError } from "../core/platformError";
import { troubleWith } from "../core/platformWords";
import { WorktreeError } from "../core/ports/worktrees";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { escapeLinks } from "./safeText";

const maxLength = 600;

/** What to say of an error, and whether the log knows more. Our own user errors are sentences already. */
export function errorText(
  error: unknown,
  l10n: L10n,
): { readonly message: string; readonly seeLog: boolean } {
  if (error instanceof UserError) return { message: plain(translated(error.message)), seeLog: false };
  if (WorktreeError.is(error)) return { message: plain(translated(error.message)), seeLog: true };
  if (PlatformError.is(error)) {
    return {
      message: plain(l10n.t("One Horizon did not take the request: {0}.", troubleWith(error, say))),
      seeLog: true,
    };
  }
  return { message: l10n.t("The command stopped at an unexpected error. See the log."), seeLog: true };
}

/** Several failures of one command as one, each sentence once; undefined when there is none. */
export function joinErrors(errors: readonly unknown[], l10n: L10n): Error | undefined {
  if (errors.length === 0) return undefined;
  const [first] = errors;
  if (errors.length === 1) return first instanceof Error ? first : new Error(String(first));
  const sentences = new Set(errors.map((error) => errorText(error, l10n).message));
  return new UserError([...sentences].join(" "), { cause: new AggregateError(errors) });
}

function plain(message: string): string {
  return clip(escapeLinks(message), maxLength);
}
