// The demo for a person: a desktop VS Code where `code` is there, else code-server with its address.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { startCodeServer } from "../../test/host/harness/codeServer.mjs";
import { runEnvironment } from "../../test/host/harness/runFolders.mjs";
import { capture, startGroup, stopGroup } from "../processes.mjs";

/** Resolves with the exit code when the person closes the editor or presses Ctrl-C. */
export async function runInteractive(scene) {
  const desktop = findDesktop();
  console.log(
    [
      "",
      "What to do:",
      "  1. In the editor: run “One Horizon: Sign In” from the command palette and press Allow.",
      "  2. Run “One Horizon: Configure Worker”, and allow what WORKFLOW.md asks for where you chose another coding tool.",
      `  3. On the dashboard, queue a session: ${scene.world.sandbox.dashboardUrl}`,
      "  4. Watch the One Horizon view in the activity bar.",
      "",
    ].join("\n"),
  );
  return desktop ? runDesktop(scene, desktop) : runServer(scene);
}

/** `code` on PATH, or VSCODE_EXECUTABLE; only where there is a screen for it. */
function findDesktop() {
  const screen = process.platform !== "linux" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (!screen) return undefined;
  const named = process.env["VSCODE_EXECUTABLE"];
  if (named) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "code")).find((place) => existsSync(place));
}

async function runDesktop({ world, vsix, clock }, executable) {
  const { folders, machineSettings, repository } = world;
  const user = join(folders.userData, "User");
  await mkdir(user, { recursive: true });
  await writeFile(
    join(user, "settings.json"),
    JSON.stringify({ ...machineSettings, "workbench.startupEditor": "none" }),
  );
  const env = runEnvironment(folders, {
    XAUTHORITY: process.env["XAUTHORITY"] ?? join(homedir(), ".Xauthority"),
    ...(process.env["XDG_RUNTIME_DIR"] && { XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] }), // the Wayland socket is there
  });
  const places = ["--user-data-dir", folders.userData, "--extensions-dir", folders.extensions];
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  await capture(executable, [...root, ...places, "--install-extension", vsix], { env });
  clock.say("desktop VS Code opens; close its window, or press Ctrl-C here, to end the demo");
  const child = startGroup(executable, [...root, ...places, "--new-window", "--wait", repository.folder], {
    env,
  });
  const [code] = await once(child, "exit");
  await stopGroup(child);
  return code ?? 0;
}

async function runServer({ tools, world, vsix, clock }) {
  const { folders, machineSettings, repository } = world;
  const userSettings = { "security.workspace.trust.startupPrompt": "always" };
  const server = await startCodeServer({
    tools,
    folders,
    machineSettings,
    vsix: [vsix],
    trust: true,
    userSettings,
    port: world.editorPort,
  });
  clock.say("no desktop VS Code found: a VS Code server runs instead. Open it in a browser on this machine:");
  console.log(
    `\n  ${server.url}/?folder=${encodeURI(repository.folder)}\n\nCtrl-C ends the demo and removes everything it made.`,
  );
  return await new Promise(() => undefined); // ends by signal
}
