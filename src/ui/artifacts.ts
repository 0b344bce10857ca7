import * as vscode from "vscode";
import { UserError } from "../core/actions";
import type { ShownArtifact } from "../core/artifactNotes";
import type { ArtifactCommandId } from "./commandIds";
import type { Handler } from "./sessionHandlers";
import { givenArtifact } from "./sessionTargets";
import type { StateSource } from "./stateSource";

export interface ArtifactDeps {
  readonly source: StateSource;
  /** Where the copy of an artifact lies on this machine; undefined when it is gone. */
  readonly artifactPath: (artifactId: string) => Promise<string | undefined>;
  /** Opens an address in the browser; false when the person turned away. */
  readonly openExternal: (url: string) => Promise<boolean>;
}

/** What a click on a file that a session left does. */
export function artifactHandlers(deps: ArtifactDeps): Readonly<Record<ArtifactCommandId, Handler>> {
  return {
    "oneHorizon.internal.openArtifact": async (first) => {
      const found = shownArtifact(deps.source, first);
      if (found === undefined) throw new UserError(vscode.l10n.t("This file is not in the list any more."));
      await open(deps, found);
    },
  };
}

/** Only what the list shows is opened, whoever asks. */
function shownArtifact({ state }: StateSource, first: unknown): ShownArtifact | undefined {
  const given = givenArtifact(first);
  const session = given && state.sessions.get(given.sessionId);
  return session?.artifacts.find((one) => one.artifactId === given?.artifactId);
}

async function open(deps: ArtifactDeps, { artifactId, name, url }: ShownArtifact): Promise<void> {
  const path = artifactId === undefined ? undefined : await deps.artifactPath(artifactId);
  if (path !== undefined) {
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path), { preview: true });
    return;
  }
  if (url === undefined) {
    throw new UserError(
      vscode.l10n.t(
        "“{0}” is not kept on this machine any more. Look for it at the session on the platform.",
        name,
      ),
    );
  }
  await deps.openExternal(url);
}
