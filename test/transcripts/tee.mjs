// Stands between the worker and the real codex and writes down what they say: `node tee.mjs FILE CODEX ARGUMENT…`.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";

const [file, program, ...args] = process.argv.slice(2);
const listens = args.includes("app-server");
const child = spawn(program, args, { stdio: listens ? ["pipe", "pipe", "inherit"] : "inherit" });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
  process.stdin.destroy();
});
if (listens) {
  pass("worker", process.stdin, child.stdin);
  pass("codex", child.stdout, process.stdout);
}

/** Hands everything on as it comes, and notes each whole line before. */
function pass(from, source, target) {
  let rest = Buffer.alloc(0);
  source.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const message = JSON.parse(rest.subarray(0, end).toString("utf8"));
      appendFileSync(file, `${JSON.stringify({ from, message })}\n`);
      rest = rest.subarray(end + 1);
    }
    target.write(chunk);
  });
  source.on("end", () => target === process.stdout || target.end());
  // The other side is gone: the end of the process tells the rest.
  target.on("error", () => undefined);
}
