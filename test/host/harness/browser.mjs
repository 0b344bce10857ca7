// Opens a folder of a VS Code server in Chromium. The browser profile is kept in the run's folders: SecretStorage lives there.
import { randomBytes } from "node:crypto";
import { onExit } from "../../../scripts/processes.mjs";
import { runEnvironment } from "./runFolders.mjs";
import { Workbench } from "./workbench.mjs";

const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * @typedef {object} Browser
 * @property {import("playwright-core").BrowserContext} context
 * @property {(folder: string, options?: OpenOptions) => Promise<Workbench>} openFolder
 * @property {(url: string, options?: import("playwright-core").BrowserContextOptions) => Promise<import("playwright-core").Page>} openPage
 *   opens a page in a browser of its own; closing the page closes that browser
 * @property {() => Promise<void>} close
 */
/**
 * @typedef {object} OpenOptions
 * @property {(page: import("playwright-core").Page) => void | Promise<void>} [onPopup] gets every page that `openExternal` opens
 * @property {{extensions: string[], tests?: string}} [development] absolute paths: run these instead of packaged extensions
 * @property {(code: number) => void} [onTestExit] the verdict of `development.tests`
 * @property {(line: string) => void} [onTestLog]
 */

/**
 * @param {object} options
 * @param {import("../../../scripts/hostTools.mjs").HostTools} options.tools
 * @param {import("./runFolders.mjs").RunFolders} options.folders
 * @param {import("./codeServer.mjs").CodeServer | Promise<import("./codeServer.mjs").CodeServer>} options.server it may still be starting
 * @param {{width: number, height: number}} [options.viewport]
 * @returns {Promise<Browser>}
 */
export async function openBrowser({ tools, folders, server, viewport = { width: 1440, height: 900 } }) {
  const { chromium } = await import("playwright-core");
  const launchOptions = {
    executablePath: tools.chromium,
    headless: true,
    args: chromiumFlags,
    chromiumSandbox: false,
    handleSIGINT: false, // our own clean-up closes it, in the right order
    handleSIGTERM: false,
    handleSIGHUP: false,
    env: runEnvironment(folders),
  };
  const context = await chromium.launchPersistentContext(folders.profile, { ...launchOptions, viewport });
  context.setDefaultTimeout(90_000);
  if (tools.plainServer) await mintKeys(context);
  const close = () => context.close();
  onExit(close);

  const openFolder = async (folder, options = {}) => {
    const { url, port } = await server;
    const page = await context.newPage();
    page.on("popup", (popup) => void handlePopup(popup, options.onPopup));
    if (options.language !== undefined) await page.addInitScript(speakOnly(options.language));
    if (options.development) await developExtensions(page, port, options);
    // A hidden tab stalls the workbench: only the newest one stays.
    for (const other of context.pages())
      if (other.url() === "about:blank" && other !== page) await other.close();
    await page.goto(`${url}/?folder=${encodeURI(folder)}`);
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  };
  // In a browser of its own: as a tab beside the workbench it would hide it, and a hidden workbench stalls.
  const openPage = async (url, pageOptions = {}) => {
    const other = await chromium.launch(launchOptions);
    onExit(() => other.close());
    const page = await other.newPage({ viewport, ...pageOptions });
    page.once("close", () => void other.close());
    await page.goto(url);
    return page;
  };
  return { context, openFolder, openPage, close };
}

/** The server alone has no key for the secret storage, which a page asks for at every load; without one it keeps nothing. */
async function mintKeys(context) {
  const key = randomBytes(32);
  await context.route("**/mint-key", (route) => route.fulfill({ body: key }));
}

/**
 * A script that runs in a page before its own: the editor takes this for the language of its texts, and so do extensions. As text, since
 * the page does not know the compiler's helper for names.
 */
function speakOnly(language) {
  const property = `get: () => ${JSON.stringify(language)}, set() {}`; // the editor's own script says English
  return { content: `Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { ${property} });` };
}

async function handlePopup(popup, handler) {
  try {
    await handler?.(popup);
  } catch (error) {
    console.error(
      `a page that the editor opened (${new URL(popup.url()).origin}): ${error instanceof Error ? error.message : error}`,
    );
  }
}

/**
 * Built servers ignore the `payload` query, so the workbench is told where it reads its configuration: the attribute of a meta
 * element. This leans on internals of the pinned server version; try it again at each bump.
 */
async function developExtensions(page, port, { development, onTestExit, onTestLog }) {
  const uri = (path) => ({ $mid: 1, scheme: "vscode-remote", authority: `127.0.0.1:${port}`, path });
  await page.exposeFunction("codeAutomationLog", (_type, args) =>
    onTestLog?.(args.filter((one) => typeof one === "string").join(" ")),
  );
  await page.exposeFunction("codeAutomationExit", (code) => onTestExit?.(code));
  const options = {
    extensions: development.extensions.map(uri),
    ...(development.tests && { extensionTestsPath: uri(development.tests) }),
  };
  await page.addInitScript(
    `{
      const original = Element.prototype.getAttribute;
      Element.prototype.getAttribute = function (name) {
        const value = original.call(this, name);
        if (name !== "data-settings" || this.id !== "vscode-workbench-web-configuration") return value;
        return JSON.stringify({ ...JSON.parse(value), developmentOptions: ${JSON.stringify(options)} });
      };
    }`,
  );
}
