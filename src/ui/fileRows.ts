import type { SessionView } from "../core/state";
import type { ChangedFile } from "./changesModel";
import type { L10n } from "./l10n";
import { middle, oneLine } from "./safeText";
import { canRevert } from "./sessionAbilities";
import type { RowIcon } from "./sessionLook";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

/** More files than this are looked at together. */
const mostRows = 200;
const nameLength = 80;

/** A row for each changed file, in path order; a click opens its diff. */
export function fileRows(session: SessionView, files: readonly ChangedFile[], l10n: L10n): readonly Row[] {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const rows = sorted.slice(0, mostRows).map((file) => fileRow(session, file, l10n));
  const left = sorted.length - rows.length;
  return left === 0 ? rows : [...rows, restRow(session, left, l10n)];
}

function fileRow(session: SessionView, { path, status, from }: ChangedFile, l10n: L10n): Row {
  const { sessionId } = session;
  const verbs = [
    "showFile",
    ...(status === "deleted" ? [] : ["openFile"]),
    ...(canRevert(session) ? ["revertFile"] : []),
  ];
  const at = path.lastIndexOf("/");
  const name = oneLine(path.slice(at + 1));
  const folder = oneLine(path.slice(0, Math.max(0, at)));
  const word = statusWord(status, l10n);
  return row({
    id: `file:${sessionId}:${path}`,
    sessionId,
    label: middle(name, nameLength),
    description: middle(folder, nameLength),
    icon: statusIcon(status),
    tooltip: () =>
      tooltipCard(
        name,
        [
          { name: l10n.t("Path"), value: path },
          { name: l10n.t("From"), value: from?.path },
        ],
        word,
      ),
    spoken: folder === "" ? l10n.t("{0}, {1}", name, word) : l10n.t("{0}, {1} in {2}", name, word, folder),
    file: path,
    contextValue: `;file;${verbs.join(";")};`,
  });
}

function restRow({ sessionId }: SessionView, left: number, l10n: L10n): Row {
  return row({
    id: `moreFiles:${sessionId}`,
    sessionId,
    label: left === 1 ? l10n.t("1 more file") : l10n.t("{0} more files", left),
    icon: { id: "ellipsis" },
    click: "showChanges",
  });
}

function statusWord(status: ChangedFile["status"], l10n: L10n): string {
  switch (status) {
    case "added":
      return l10n.t("added");
    case "modified":
      return l10n.t("changed");
    case "deleted":
      return l10n.t("deleted");
    case "renamed":
      return l10n.t("renamed");
  }
}

function statusIcon(status: ChangedFile["status"]): RowIcon {
  switch (status) {
    case "added":
      return { id: "diff-added", color: "gitDecoration.addedResourceForeground" };
    case "modified":
      return { id: "diff-modified", color: "gitDecoration.modifiedResourceForeground" };
    case "deleted":
      return { id: "diff-removed", color: "gitDecoration.deletedResourceForeground" };
    case "renamed":
      return { id: "diff-renamed", color: "gitDecoration.renamedResourceForeground" };
  }
}
