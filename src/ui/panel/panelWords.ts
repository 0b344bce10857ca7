import type { L10n } from "../l10n";

/**
 * The texts that the session's panel writes itself, by their English words. It has no access to the editor's translations,
 * so the extension sends them. Places stay places: `{0}` goes in for `{0}`, and the panel fills it.
 */
export function panelWords(l10n: L10n) {
  return {
    // Regions and headings.
    Actions: l10n.t("Actions"),
    "More actions": l10n.t("More actions"),
    "About this session": l10n.t("About this session"),
    "Waiting for you": l10n.t("Waiting for you"),
    Plan: l10n.t("Plan"),
    Usage: l10n.t("Usage"),
    Timeline: l10n.t("Timeline"),

    // Plan.
    "{0} / {1}": l10n.t("{0} / {1}", "{0}", "{1}"),
    "{0} of {1} steps done": l10n.t("{0} of {1} steps done", "{0}", "{1}"),
    done: l10n.t("done"),
    "in progress": l10n.t("in progress"),
    "to do": l10n.t("to do"),

    // Usage.
    Tokens: l10n.t("Tokens"),
    Context: l10n.t("Context"),
    Time: l10n.t("Time"),
    Model: l10n.t("Model"),
    Commands: l10n.t("Commands"),
    Waiting: l10n.t("Waiting"),
    Worker: l10n.t("Worker"),
    "Tokens over time, {0} in all": l10n.t("Tokens over time, {0} in all", "{0}"),
    "Context window over time, {0} of {1} tokens in use": l10n.t(
      "Context window over time, {0} of {1} tokens in use",
      "{0}",
      "{1}",
    ),
    "Where the time went: {0}": l10n.t("Where the time went: {0}", "{0}"),

    // Timeline.
    "Nothing has happened yet.": l10n.t("Nothing has happened yet."),
    "1 earlier entry is not kept.": l10n.t("1 earlier entry is not kept."),
    "{0} earlier entries are not kept.": l10n.t("{0} earlier entries are not kept.", "{0}"),
    "1 new entry": l10n.t("1 new entry"),
    "{0} new entries": l10n.t("{0} new entries", "{0}"),
    "New entries below": l10n.t("New entries below"),
    Command: l10n.t("Command"),
    Output: l10n.t("Output"),
    "No output.": l10n.t("No output."),
    "Copy command": l10n.t("Copy command"),
    "Copy output": l10n.t("Copy output"),
    running: l10n.t("running"),
    "exit {0}": l10n.t("exit {0}", "{0}"),
    succeeded: l10n.t("succeeded"),
    failed: l10n.t("failed"),
    ended: l10n.t("ended"),
    Message: l10n.t("Message"),
    "Final message": l10n.t("Final message"),
    Reasoning: l10n.t("Reasoning"),
    "{0} files changed": l10n.t("{0} files changed", "{0}"),
    added: l10n.t("added"),
    changed: l10n.t("changed"),
    deleted: l10n.t("deleted"),
    Reported: l10n.t("Reported"),
    Question: l10n.t("Question"),
    "waiting for an answer": l10n.t("waiting for an answer"),
    withdrawn: l10n.t("withdrawn"),
    Answer: l10n.t("Answer"),
    Warning: l10n.t("Warning"),
    Error: l10n.t("Error"),
    image: l10n.t("image"),

    // The box below.
    "Your words to the session": l10n.t("Your words to the session"),
    Send: l10n.t("Send"),
    "Sending…": l10n.t("Sending…"),
    "{0} to send": l10n.t("{0} to send", "{0}"),

    // Spans of time, as `ui/time.ts` writes them.
    "{0}s": l10n.t("{0}s", "{0}"),
    "{0}m": l10n.t("{0}m", "{0}"),
    "{0}h": l10n.t("{0}h", "{0}"),
    "{0}d": l10n.t("{0}d", "{0}"),
    "{0}h {1}m": l10n.t("{0}h {1}m", "{0}", "{1}"),
    "1 second": l10n.t("1 second"),
    "{0} seconds": l10n.t("{0} seconds", "{0}"),
    "1 minute": l10n.t("1 minute"),
    "{0} minutes": l10n.t("{0} minutes", "{0}"),
    "1 hour": l10n.t("1 hour"),
    "{0} hours": l10n.t("{0} hours", "{0}"),
    "1 day": l10n.t("1 day"),
    "{0} days": l10n.t("{0} days", "{0}"),
  };
}

/** English words of the panel: a text that is missing above does not compile in the panel. */
export type PanelWord = keyof ReturnType<typeof panelWords>;
