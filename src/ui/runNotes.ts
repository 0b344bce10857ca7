import type { SessionView } from "../core/state";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import type { Note } from "./note";
import { subjectOf, titleOf } from "./noteMark";
import { canPublish, runState } from "./runModel";
import { runLack } from "./runWords";
import { escapeLinks } from "./safeText";

/**
 * What a person should know of the run behind a session that ended: that it stands still, or was rejected.
 * @param latest false where a later session of the run is here.
 */
export function runNote(session: SessionView, latest: boolean, l10n: L10n): Note | undefined {
  switch (runState(session, latest)) {
    case "stalled":
      return stalled(session, latest, l10n);
    case "rejected":
      return rejected(session, l10n);
    case "handedOver":
    case undefined:
      return undefined;
  }
}

function stalled(session: SessionView, latest: boolean, l10n: L10n): Note {
  const lack = runLack(session, latest, l10n);
  const what = lack === undefined ? "" : `${clip(lack.what, 300)} ${lack.advice}`;
  return {
    severity: "warning",
    message: l10n.t("The run of “{0}” stands still. {1}", titleOf(session), escapeLinks(what)),
    actions: [
      ...(canPublish(session)
        ? [{ label: l10n.t("Publish Branch"), command: "oneHorizon.session.publishBranch" } as const]
        : []),
      { label: l10n.t("Show"), command: "oneHorizon.session.show" },
    ],
    about: subjectOf(session, "run"),
  };
}

function rejected(session: SessionView, l10n: L10n): Note {
  return {
    severity: "warning",
    message: l10n.t(
      "The review “{0}” rejected the work, and its run ends. The branch is kept. The reason is in the review document.",
      titleOf(session),
    ),
    actions: [{ label: l10n.t("Show"), command: "oneHorizon.session.show" }],
    about: subjectOf(session, "run"),
  };
}
