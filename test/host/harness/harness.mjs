// The one door for tests in TypeScript: an editor with the packaged extension, a repository, the sandbox platform and the real codex.
// Usage, in test/host/ui/*.test.ts:
//   const editor = await launchEditor({ name: "release" });
//   await editor.window.runCommandId("oneHorizon.auth.signIn");
//   await editor.world.sandbox.queue({ title: "…", prompt: "…" });
//   await editor.close();
// `harness.d.mts` beside this file has the types. Scripts import the parts (world, codeServer, browser, workbench) directly.
import { ensureHostTools } from "../../../scripts/hostTools.mjs";
import { openDashboard } from "../../../scripts/demo/dashboard.mjs";
import { findLeakedProcesses } from "../../../scripts/leaks.mjs";
import { git } from "../../../scripts/scenario.mjs";
import { openBrowser } from "./browser.mjs";
import { startCodeServer } from "./codeServer.mjs";
import { allowSignIn } from "./signIn.mjs";
import { Workbench } from "./workbench.mjs";
import { prepareWorld } from "./world.mjs";

export { exitWith, waitUntil } from "../../../scripts/processes.mjs";
export { startSandbox, writeCodexHome } from "../../../scripts/scenario.mjs";
export { freePort } from "./freePort.mjs";
export { allowSignIn, denySignIn } from "./signIn.mjs";

/** Starts everything and opens the repository. The `.vsix` comes from `run.mjs`, or from the options. */
export async function launchEditor(options) {
  const tools = await ensureHostTools();
  const world = await prepareWorld({
    tools,
    name: options.name,
    files: options.files,
    sandboxArgs: options.sandboxArgs,
  });
  try {
    const vsix = options.vsix ?? process.env["ONE_HORIZON_VSIX"];
    if (!vsix)
      throw new Error("these tests are started with `npm run test:host`, which packages the extension first");
    const { folders, machineSettings, repository, env } = world;
    const starting = startCodeServer({
      tools,
      folders,
      vsix: [vsix, ...(options.furtherVsix ?? [])],
      machineSettings: { ...machineSettings, ...options.machineSettings },
      userSettings: options.userSettings,
      trust: options.trust ?? false,
      environment: options.environment,
      port: world.editorPort,
    });
    const [server, browser] = await Promise.all([
      starting,
      openBrowser({ tools, folders, server: starting }),
    ]);
    await options.prepareExtensions?.(folders.extensions);
    let expectsWindow = false;
    const onPopup = (page) => (expectsWindow ? undefined : (options.onPopup ?? allowSignIn)(page));
    const openWindow = (folder = repository.folder, more = {}) =>
      browser.openFolder(folder, { onPopup, language: options.language, ...more });
    const stopServer = () => Promise.allSettled([browser.close(), server.stop()]);
    const editor = {
      world,
      server,
      browser,
      window: await openWindow(),
      replaceWindow: (window) => void (editor.window = window),
      openWindow,
      windowOpenedBy: async (act) => {
        expectsWindow = true;
        try {
          const [page] = await Promise.all([browser.context.waitForEvent("page"), act()]);
          const opened = new Workbench(page);
          await opened.ready();
          return opened;
        } finally {
          expectsWindow = false;
        }
      },
      openDashboard: () => openDashboard(browser, world.sandbox),
      sendPages: (fromOrigin, toOrigin) =>
        browser.context.route(`${fromOrigin}/**`, (route) =>
          route.fulfill({
            status: 302,
            headers: { location: route.request().url().replace(fromOrigin, toOrigin) },
          }),
        ),
      holdSecrets: () => holdSecrets(browser.context),
      git: (...args) => git(repository.folder, env, ...args),
      /** Programs that live in this run's home: the worker's children among them. */
      processes: (graceMs = 0) => findLeakedProcesses([`HOME=${folders.home}`], graceMs),
      /** Ends browser and server, as a person who quits; the platform and the folders stay for a look. */
      quit: stopServer,
      close: async () => {
        await stopServer();
        await world.close();
      },
    };
    return editor;
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** A page asks its server for the key of the secret storage: while that waits, so does whoever reads or stores a secret. */
async function holdSecrets(context) {
  const keyRequests = "**/mint-key";
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const hold = async (route) => {
    await held;
    await route.fallback().catch(() => undefined); // the page that asked may be gone
  };
  await context.route(keyRequests, hold);
  return async () => {
    answer();
    await context.unroute(keyRequests, hold);
  };
}
