// Which editor runs the suites: a desktop VS Code where there is one, else code-server.
import { join } from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { projectRoot } from "../../../scripts/bootstrap.mjs";
import { hostToolsFolder } from "../../../scripts/hostTools.mjs";
import { runEnvironment } from "./runFolders.mjs";

/**
 * @typedef {object} Editor
 * @property {"desktop" | "code-server"} kind
 * @property {string} title what is said about it
 * @property {string} executable for `runTests` of @vscode/test-electron
 * @property {(world: import("./world.mjs").World) => Promise<string[]>} launchArgs
 * @property {(world: import("./world.mjs").World) => Record<string, string>} environment
 */

/** VSCODE_EXECUTABLE names a desktop VS Code; without it one is downloaded where a screen and the download are reachable. */
export async function chooseEditor() {
  const named = process.env["VSCODE_EXECUTABLE"];
  if (named) return desktop(named, `desktop VS Code at ${named}`);
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    return codeServer("no display for a desktop VS Code");
  }
  try {
    const { downloadAndUnzipVSCode, SilentReporter } = await import("@vscode/test-electron");
    const cachePath = join(projectRoot, ".vscode-test");
    const executable = await downloadAndUnzipVSCode({
      version: "stable",
      cachePath,
      reporter: new SilentReporter(),
    });
    return desktop(executable, "desktop VS Code, downloaded");
  } catch (error) {
    return codeServer(
      `a desktop VS Code cannot be downloaded: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function codeServer(reason) {
  return {
    kind: "code-server",
    title: `code-server in Chromium (${reason})`,
    executable: join(hostToolsFolder, "editor.mjs"),
    launchArgs: async () => [],
    environment: () => ({}),
  };
}

function desktop(executable, title) {
  return {
    kind: "desktop",
    title,
    executable,
    launchArgs: async ({ folders, machineSettings }) => {
      const user = join(folders.userData, "User");
      await mkdir(user, { recursive: true });
      await writeFile(join(user, "settings.json"), JSON.stringify(machineSettings));
      return [`--user-data-dir=${folders.userData}`, `--extensions-dir=${folders.extensions}`];
    },
    environment: ({ folders }) => runEnvironment(folders),
  };
}
