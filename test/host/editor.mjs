#!/usr/bin/env node
// Stands in for a desktop VS Code: takes the arguments with which @vscode/test-electron starts one, runs the tests in code-server
// and ends with their exit code. What the run needs beyond that is in the JSON file named by ONE_HORIZON_EDITOR.
import { readFileSync, writeFileSync } from "node:fs";
import { exitWith } from "../../scripts/processes.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { startCodeServer } from "./harness/codeServer.mjs";
import { allowSignIn } from "./harness/signIn.mjs";

const argument = (name) =>
  process.argv.flatMap((one) => (one.startsWith(`--${name}=`) ? [one.slice(name.length + 3)] : []));
const folder = process.argv.slice(2).find((one) => !one.startsWith("-"));
const editorFile = process.env["ONE_HORIZON_EDITOR"] ?? "";
const { tools, folders, machineSettings, userSettings, port } = JSON.parse(
  readFileSync(process.env["ONE_HORIZON_EDITOR"] ?? "", "utf8"),
);

/** The console of the workbench: chatter, of use only when the run breaks off. */
const lines = [];

async function run() {
  const server = await startCodeServer({ tools, folders, machineSettings, userSettings, port });
  const browser = await openBrowser({ tools, folders, server });
  return await new Promise((resolve, reject) => {
    const development = {
      extensions: argument("extensionDevelopmentPath"),
      tests: argument("extensionTestsPath")[0],
    };
    browser.context.on("close", () => reject(new Error("the browser ended before the tests")));
    browser
      .openFolder(folder, {
        development,
        onPopup: allowSignIn,
        onTestExit: resolve,
        onTestLog: (line) => lines.push(line),
      })
      .catch(reject);
  });
}

// Whoever started this holds the other end of standard input: its end means that nobody waits for the verdict any more.
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).resume();
writeFileSync(`${editorFile}.pid`, String(process.pid));

let code = 1;
try {
  code = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(lines.slice(-60).join("\n"));
}
await exitWith(code);
