import * as vscode from "vscode";
import { UserError } from "../core/actions";
import type { SessionView } from "../core/state";
import { pairOf, type ChangedFile } from "./changesModel";
import { checkOutHere, type CheckOutDeps } from "./checkOutHandler";
import { sessionCommandId } from "./commandIds";
import { percentTeller, withCancel } from "./progress";
import { compareRows, filesIn, revertDetail } from "./reviewModel";
import { escapeIcons, escapeLinks } from "./safeText";
import { givenFiles, givenWay } from "./sessionTargets";
import type { Other } from "./showChanges";
import type { StateSource } from "./stateSource";
import { tellWithRestore } from "./tellRestore";

type Handler = (first: unknown, second: unknown) => Promise<void>;
type ReviewVerb = "showFile" | "openFile" | "revertFile" | "compare" | "checkOut" | "copyPatch";

export interface ReviewHandlerDeps extends CheckOutDeps {
  readonly source: StateSource;
  readonly showChanges: (session: SessionView, other?: Other) => Promise<void>;
  readonly showFile: (session: SessionView, path: string) => Promise<void>;
}

type Resolve = (verb: ReviewVerb, first: unknown, second: unknown) => Promise<readonly SessionView[]>;

/** The commands with which a person looks at what a session did, and takes of it. */
export function reviewHandlers(
  deps: ReviewHandlerDeps,
  resolve: Resolve,
): Readonly<Record<`oneHorizon.session.${ReviewVerb}`, Handler>> {
  const one =
    (
      verb: ReviewVerb,
      act: (session: SessionView, first: unknown, second: unknown) => Promise<void>,
    ): Handler =>
    async (first, second) => {
      const [session] = await resolve(verb, first, second);
      if (session !== undefined) await act(session, first, second);
    };
  return {
    [sessionCommandId("showFile")]: one("showFile", async (session, first) => {
      const [file] = await filesOf(deps, session, first, undefined);
      if (file !== undefined) await deps.showFile(session, file.path);
    }),
    [sessionCommandId("openFile")]: one("openFile", async (session, first) => {
      const [file] = await filesOf(deps, session, first, undefined);
      if (file !== undefined) await openFile(session, file);
    }),
    [sessionCommandId("revertFile")]: one("revertFile", async (session, first, second) => {
      await revertFiles(deps, session, await filesOf(deps, session, first, second));
    }),
    [sessionCommandId("compare")]: one("compare", (session, first) => compare(deps, session, first)),
    [sessionCommandId("checkOut")]: one("checkOut", (session, first) =>
      checkOutHere(deps, session, givenWay(first)),
    ),
    [sessionCommandId("copyPatch")]: one("copyPatch", (session) => copyPatch(deps, session)),
  };
}

/** The changed files that rows or a script name, else the one a person picks; empty when they turned away. */
async function filesOf(
  { review }: ReviewHandlerDeps,
  session: SessionView,
  first: unknown,
  second: unknown,
): Promise<readonly ChangedFile[]> {
  const { worktreePath, baseCommit, title } = session;
  const files =
    worktreePath === undefined || baseCommit === undefined
      ? []
      : await review.changedFiles(worktreePath, baseCommit);
  if (files.length === 0) throw new UserError(vscode.l10n.t("“{0}” has changed no file so far.", title));
  const given = givenFiles(first, second).filter((one) => one.sessionId === session.sessionId);
  if (given.length === 0) return await pickFile(session, files);
  return given.map(({ path }) => {
    const file = pairOf(files, path);
    if (file !== undefined) return file;
    throw new UserError(
      vscode.l10n.t("“{0}” is as it was before “{1}” began. Nothing was changed.", path, title),
    );
  });
}

async function pickFile(
  session: SessionView,
  files: readonly ChangedFile[],
): Promise<readonly ChangedFile[]> {
  const items = files.map((file) => {
    const at = file.path.lastIndexOf("/");
    return {
      label: escapeIcons(file.path.slice(at + 1)),
      description: escapeIcons(file.path.slice(0, Math.max(0, at))),
      file,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Which file of “{0}”?", session.title),
    matchOnDescription: true,
  });
  return picked === undefined ? [] : [picked.file];
}

/** The file itself. The editor's git extension then opens the worktree in Source Control, as for any file. */
async function openFile({ worktreePath, title }: SessionView, file: ChangedFile): Promise<void> {
  if (worktreePath === undefined) return;
  const uri = vscode.Uri.joinPath(vscode.Uri.file(worktreePath), file.path);
  if (file.status === "deleted") {
    throw new UserError(
      vscode.l10n.t(
        "“{0}” deleted {1}, so there is no file to open. Revert it to have it back.",
        title,
        file.path,
      ),
    );
  }
  try {
    await vscode.workspace.fs.stat(uri);
  } catch (cause) {
    const text = vscode.l10n.t(
      "{0} cannot be opened: it is gone by now, or its name is no valid text. The worktree is {1}.",
      file.path,
      worktreePath,
    );
    throw new UserError(text, { cause });
  }
  await vscode.commands.executeCommand("vscode.open", uri);
}

/** Asks once, whatever their number. */
async function revertFiles(
  { review, log }: ReviewHandlerDeps,
  session: SessionView,
  files: readonly ChangedFile[],
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const title =
    files.length === 1
      ? vscode.l10n.t("Revert {0}", first.path)
      : vscode.l10n.t("Revert {0} Files", files.length);
  const detail =
    files.length === 1
      ? revertDetail(first, vscode.l10n)
      : vscode.l10n.t(
          "They become what they were when the session began. Their content now is kept in backups first.",
        );
  const items = [{ label: title, detail }, { label: vscode.l10n.t("Keep the Changes") }];
  const picked = await vscode.window.showQuickPick(items, { title: session.title, ignoreFocusOut: true });
  if (picked?.label !== title) return;
  const restores: string[] = [];
  for (const file of files) {
    const { backup, restore } = await review.revertFile(session, file.rawPath);
    log.info("a file was reverted", { sessionId: session.sessionId, backup });
    if (restore !== undefined) restores.push(restore);
  }
  const done =
    files.length === 1
      ? vscode.l10n.t("{0} is as it was when “{1}” began.", first.path, session.title)
      : vscode.l10n.t("{0} files are as they were when “{1}” began.", files.length, session.title);
  const kept =
    restores.length === 0
      ? ""
      : files.length === 1
        ? vscode.l10n.t("What it held is kept in the repository.")
        : vscode.l10n.t("What they held is kept in the repository.");
  const open = vscode.l10n.t("The revert is in the worktree only and not committed.");
  tellWithRestore([done, kept, open].filter((text) => text !== "").join(" "), restores.join(" && "), log);
}

async function compare(deps: ReviewHandlerDeps, session: SessionView, first: unknown): Promise<void> {
  const rows = compareRows(session, deps.source.state.sessions.values(), vscode.l10n);
  const given = givenWay(first);
  const named = rows.find(
    (one) => one.with.kind === given || ("branch" in one.with && one.with.branch === given),
  );
  const picked =
    named ??
    (await vscode.window.showQuickPick(
      rows.map((one) => ({
        ...one,
        label: escapeIcons(one.label),
        description: escapeIcons(one.description),
      })),
      { title: vscode.l10n.t("Compare “{0}” With…", session.title), matchOnDescription: true },
    ));
  if (picked === undefined) return;
  const other = await withCancel(
    vscode.l10n.t("Comparing “{0}”", escapeLinks(session.title)),
    vscode.l10n.t("The comparison was cancelled. Nothing was changed."),
    (signal, tell) => deps.review.compareCommit(session, picked.with, signal, percentTeller(tell)),
  );
  await deps.showChanges(session, other);
}

async function copyPatch({ review, log }: ReviewHandlerDeps, session: SessionView): Promise<void> {
  const patch = await withCancel(
    vscode.l10n.t("Copying the changes of “{0}”", escapeLinks(session.title)),
    vscode.l10n.t("The patch was not copied. Nothing was changed."),
    (signal) => review.patch(session, signal),
  );
  if (patch === "") throw new UserError(vscode.l10n.t("“{0}” has changed no file so far.", session.title));
  await vscode.env.clipboard.writeText(patch);
  const count = filesIn(patch);
  const text =
    count === 1
      ? vscode.l10n.t("The patch of “{0}” is on the clipboard: 1 file. “git apply” takes it.", session.title)
      : vscode.l10n.t(
          "The patch of “{0}” is on the clipboard: {1} files. “git apply” takes it.",
          session.title,
          count,
        );
  tellWithRestore(text, "", log);
}
