// The empty extension of the benches. It does nothing until SIGUSR2 asks it what only an extension of the same host can see: the heap,
// and the editor's own table of how long each extension took. Answers and its being there go to files in the run's home.
const { renameSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const vscode = require("vscode");

exports.activate = (context) => {
  const write = (name, value) => {
    const file = join(homedir(), `probe-${process.pid}-${name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(value));
    renameSync(`${file}.new`, file);
  };
  const answer = () =>
    look().then(
      (seen) => write("answer", seen),
      (error) => write("answer", { error: String(error) }),
    );
  process.on("SIGUSR2", answer);
  context.subscriptions.push({ dispose: () => process.off("SIGUSR2", answer) });
  write("ready", {});
};

async function look() {
  const heapBytes = liveHeap();
  return { heapBytes, startup: await startupPerformance() };
}

/** What is in use after a full collection. */
function liveHeap() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
  return process.memoryUsage().heapUsed;
}

/** The page of `Developer: Startup Performance`, once the editor has filled it in. */
async function startupPerformance() {
  // Only this command makes the page; its tab must not be there again at the next start.
  await vscode.commands.executeCommand("perfview.show");
  const page = vscode.Uri.from({ scheme: "perf", path: "Startup Performance" });
  const document = await vscode.workspace.openTextDocument(page);
  const filled = () => document.getText().includes("## Extension Activation Stats");
  await new Promise((resolve) => {
    const listening = vscode.workspace.onDidChangeTextDocument(() => {
      if (!filled()) return;
      listening.dispose();
      resolve();
    });
    if (!filled()) return;
    listening.dispose();
    resolve();
  });
  const text = document.getText();
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  return text;
}
