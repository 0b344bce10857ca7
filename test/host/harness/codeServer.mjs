// Starts code-server, a real VS Code server, in the folders of one run, and ends it with everything it started.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { capture, onExit, startGroup, stopGroup, waitUntil } from "../../../scripts/processes.mjs";
import { runEnvironment } from "./runFolders.mjs";

/** What every run sets, so that the workbench shows only what is looked at. */
const quietSettings = {
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.startupPrompt": "never",
};

/** How a server says its port: code-server, and the server alone. */
const listening =
  /(?:HTTP server listening on http:\/\/127\.0\.0\.1:|Extension host agent listening on )(\d+)/;

/**
 * @typedef {object} CodeServer
 * @property {number} port
 * @property {string} url
 * @property {number} pid leader of the process group
 * @property {() => string} log what the server wrote so far
 * @property {(settings: Record<string, unknown>) => Promise<void>} writeUserSettings replaces them, merged over the quiet ones
 * @property {(settings: Record<string, unknown>) => Promise<void>} writeMachineSettings
 * @property {() => Promise<void>} stop
 */

/**
 * @param {object} options
 * @param {import("../../../scripts/hostTools.mjs").HostTools} options.tools
 * @param {import("./runFolders.mjs").RunFolders} options.folders
 * @param {Record<string, unknown>} [options.machineSettings] the only place where machine-scoped settings are read
 * @param {Record<string, unknown>} [options.userSettings]
 * @param {string[]} [options.vsix] packaged extensions to install first
 * @param {boolean} [options.trust] true: workspace trust is on, as for a person; default false
 * @param {number} [options.port] default: one the system picks
 * @param {Record<string, string>} [options.environment] added to the allow-listed one
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer(options) {
  const { tools, folders, machineSettings = {}, userSettings = {}, vsix = [], trust = false } = options;
  const { writeUserSettings, writeMachineSettings } = settingsFiles(tools, folders);
  await writeUserSettings(userSettings);
  await writeMachineSettings(machineSettings);
  const config = join(folders.root, "code-server.yaml");
  await writeFile(config, "auth: none\n");

  const env = runEnvironment(folders, options.environment);
  const base = [
    tools.codeServer,
    ...(tools.plainServer
      ? ["--server-data-dir", folders.userData, "--accept-server-license-terms"]
      : ["--config", config, "--user-data-dir", folders.userData]),
    "--extensions-dir",
    folders.extensions,
  ];
  for (const file of vsix) await capture(tools.node24, [...base, "--install-extension", file], { env });

  const address = tools.plainServer
    ? ["--host", "127.0.0.1", "--port", String(options.port ?? 0), "--without-connection-token"]
    : ["--bind-addr", `127.0.0.1:${options.port ?? 0}`, "--auth", "none"];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const flags = [...address, ...quiet, ...(trust ? [] : ["--disable-workspace-trust"])];
  const child = startGroup(tools.node24, [...base, ...flags], { env, cwd: folders.home });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (log = (log + text).slice(-200_000)));
  const stop = () => stopGroup(child);
  onExit(stop);

  try {
    const port = await waitUntil("the VS Code server says its address", () => {
      if (child.exitCode !== null)
        throw new Error(`the VS Code server ended with ${child.exitCode}:\n${log}`);
      return Number(listening.exec(log)?.[1] ?? 0);
    });
    const url = `http://127.0.0.1:${port}`;
    await waitUntil("the VS Code server answers", () =>
      fetch(tools.plainServer ? `${url}/version` : `${url}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
    return { port, url, pid: child.pid ?? 0, log: () => log, writeUserSettings, writeMachineSettings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A person's settings are a file of code-server's. The server alone leaves them to the browser, so they go to the machine's. */
function settingsFiles({ plainServer }, { userData }) {
  let user = {};
  let machine = {};
  const data = plainServer ? join(userData, "data") : userData;
  const write = async () => {
    const own = { ...quietSettings, ...user };
    await writeJson(join(data, "Machine", "settings.json"), plainServer ? { ...own, ...machine } : machine);
    if (!plainServer) await writeJson(join(data, "User", "settings.json"), own);
  };
  return {
    writeUserSettings: async (settings) => {
      user = settings;
      await write();
    },
    writeMachineSettings: async (settings) => {
      machine = settings;
      await write();
    },
  };
}

async function writeJson(file, value) {
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
}
