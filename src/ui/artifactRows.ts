import type { ShownArtifact } from "../core/artifactNotes";
import type { SessionView } from "../core/state";
import { sizeWord } from "./cleanUpModel";
import type { L10n } from "./l10n";
import { oneLine } from "./safeText";
import type { RowIcon } from "./sessionLook";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

/** What the session left for people, each file a row that opens it. */
export function artifactRows(session: SessionView, l10n: L10n): readonly Row[] {
  const { artifacts, sessionId } = session;
  if (artifacts.length === 0) return [];
  const there = artifacts.filter((one) => one.state !== "refused").length;
  return [
    row({
      id: `artifacts:${sessionId}`,
      sessionId,
      label: l10n.t("Artifacts"),
      description: String(there),
      icon: { id: "files" },
      spoken: there === 1 ? l10n.t("1 artifact") : l10n.t("{0} artifacts", there),
      children: artifacts.map((one, place) => artifactRow(session, one, place, l10n)),
    }),
  ];
}

function artifactRow(session: SessionView, one: ShownArtifact, place: number, l10n: L10n): Row {
  const name = oneLine(one.name);
  const size = one.size === undefined ? "" : sizeWord(one.size, l10n);
  const state = stateWord(one, l10n);
  const description = [size, state].filter((part) => part !== "").join(" · ");
  return row({
    id: `artifact:${session.sessionId}:${one.artifactId ?? String(place)}`,
    sessionId: session.sessionId,
    label: name,
    description,
    icon: iconOf(one),
    spoken: [name, size, state].filter((part) => part !== "").join(", "),
    tooltip: tooltipCard(name, [
      { name: l10n.t("Type"), value: one.mediaType },
      { name: l10n.t("Not uploaded"), value: one.why },
    ]),
    opens: one.artifactId,
  });
}

function stateWord({ state }: ShownArtifact, l10n: L10n): string {
  switch (state) {
    case "uploaded":
      return "";
    case "waiting":
    case "sending":
      return l10n.t("uploading");
    case "failed":
    case "refused":
      return l10n.t("not uploaded");
    case "unknown":
      return l10n.t("upload uncertain");
  }
}

function iconOf({ state, mediaType = "" }: ShownArtifact): RowIcon {
  if (state === "refused") return { id: "circle-slash", color: "disabledForeground" };
  if (state === "failed" || state === "unknown") {
    return { id: "warning", color: "symbolIcon.eventForeground" };
  }
  if (/^(image|video)\//u.test(mediaType)) return { id: "file-media" };
  return mediaType === "application/pdf" ? { id: "file-pdf" } : { id: "file-text" };
}
