// Runs inside the extension host. `run.mjs` bundles it with the suites; results are written beside the bundle.
const { join } = require("node:path");
const MochaResults = require("../../scripts/mochaResults.cjs");

/**
 * @param {(() => unknown)[]} suites each loads one suite
 * @param {string} folder of the bundle
 */
exports.runSuites = async (suites, folder) => {
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({
    ui: "bdd",
    timeout: 60_000,
    forbidOnly: true,
    reporter: MochaResults,
    reporterOptions: { results: join(folder, "results.jsonl"), quiet: true },
  });
  mocha.suite.emit("pre-require", globalThis, null, mocha);
  for (const load of suites) load();
  const failures = await new Promise((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
};
