// Everything around an editor under test: folders, a repository, the sandbox platform with its scripted model, codex.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/bootstrap.mjs";
import { createRepository, startSandbox, writeCodexHome } from "../../../scripts/scenario.mjs";
import { createRunFolders, runEnvironment } from "./runFolders.mjs";
import { onExit } from "../../../scripts/processes.mjs";
import { freePort } from "./freePort.mjs";

/**
 * @typedef {object} World
 * @property {import("./runFolders.mjs").RunFolders} folders
 * @property {{folder: string, origin: string}} repository
 * @property {import("../../../scripts/scenario.mjs").Sandbox | undefined} sandbox undefined where `dist/sandbox.js` was not built
 * @property {() => Promise<import("../../../scripts/scenario.mjs").Sandbox>} restartSandbox once it has ended: anew, on its data and address
 * @property {Record<string, unknown>} machineSettings point the worker at the sandbox platform
 * @property {Record<string, string>} env what the editor's programs see; run git with it
 * @property {number} editorPort where a code-server of this world is to listen
 * @property {() => Promise<void>} close ends the platform and removes the folders; also done when the script ends
 */

/**
 * @param {object} options
 * @param {import("../../../scripts/hostTools.mjs").HostTools} options.tools
 * @param {string} options.name short, for the folder's name
 * @param {string} [options.repositoryName]
 * @param {Record<string, string>} [options.files] further files of the repository's first commit, by path
 * @param {string[]} [options.sandboxArgs] further flags of the sandbox platform
 * @returns {Promise<World>}
 */
export async function prepareWorld({ tools, name, repositoryName, files, sandboxArgs }) {
  const folders = await createRunFolders({ name, programs: { codex: tools.codex, git: tools.git } });
  const editorPort = await freePort();
  const env = runEnvironment(folders);
  const world = { folders, env, editorPort, sandbox: undefined, machineSettings: {} };
  let closed = false;
  world.close = async () => {
    if (closed) return;
    closed = true;
    await world.sandbox?.stop();
    await folders.remove();
  };
  onExit(world.close);
  world.restartSandbox = async () => (world.sandbox = await world.sandbox.again());
  try {
    world.repository = await createRepository(folders.work, env, repositoryName, files);
    if (existsSync(join(projectRoot, "dist", "sandbox.js"))) {
      // code-server shows local pages below its own address, so the platform must know that name too.
      const args = ["--allow-host", `127.0.0.1:${editorPort}`, ...(sandboxArgs ?? [])];
      world.sandbox = await startSandbox({ dataDir: join(folders.work, "sandbox"), env, args });
      const { baseUrl, clientId, modelBaseUrl } = world.sandbox;
      await writeCodexHome(join(folders.home, ".codex"), modelBaseUrl);
      world.machineSettings = {
        "oneHorizon.platform.baseUrl": baseUrl,
        "oneHorizon.oauth.clientId": clientId,
      };
    }
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}
