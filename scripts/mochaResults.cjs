// A mocha reporter for all rings: prints a list, and writes one JSON line per test to the file that it is told, so that totals are
// exact. The path comes as the reporter option `results` or in ONE_HORIZON_RESULTS. Depends on nothing: it also runs in the editor.
const { appendFileSync } = require("node:fs");
const { relative, sep } = require("node:path");
const { describeOpen } = require("./openHandles.cjs");

class MochaResults {
  constructor(runner, options) {
    const told = options?.reporterOptions ?? options?.reporterOption ?? {};
    const file = told.results ?? process.env["ONE_HORIZON_RESULTS"];
    const print = told.quiet ? () => undefined : (line) => console.log(line);
    const failures = [];
    let depth = 0;
    const record = (test, state, error) => {
      if (!file) return;
      const line = {
        state,
        title: test.fullTitle(),
        own: test.title,
        ...(test.file && { file: relative(process.cwd(), test.file).split(sep).join("/") }),
        ms: test.duration ?? 0,
        ...(error && { error: describe(error) }),
      };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    };
    const indent = () => "  ".repeat(depth);
    runner.on("suite", (suite) => {
      if (suite.root) return;
      print(`${indent()}${suite.title}`);
      depth += 1;
    });
    runner.on("suite end", (suite) => {
      if (!suite.root) depth -= 1;
    });
    runner.on("pass", (test) => {
      print(`${indent()}✓ ${test.title}${test.duration > 100 ? ` (${test.duration} ms)` : ""}`);
      record(test, "passed");
    });
    runner.on("pending", (test) => {
      print(`${indent()}- ${test.title}`);
      record(test, "skipped");
    });
    runner.on("fail", (test, error) => {
      failures.push([test, error]);
      print(`${indent()}${failures.length}) ${test.title}`);
      record(test, "failed", error);
    });
    runner.on("end", () => {
      failures.forEach(([test, error], index) =>
        print(`\n${index + 1}) ${test.fullTitle()}\n${describe(error)}`),
      );
      if (!told.quiet) demandEnd(file);
    });
  }
}

/** A test that leaves a socket, a thread or a child open keeps the process alive for ever: said and counted, not waited for. */
function demandEnd(file, turns = 300) {
  // Many short waits, not a long one: a machine that stood still meanwhile is not a test's fault.
  const waitMs = 100;
  setTimeout(() => {
    if (turns > 0) return demandEnd(file, turns - 1);
    const title = `the test process ends by itself; open: ${describeOpen().join("; ")}`;
    console.log(`✗ ${title}`);
    if (file)
      appendFileSync(file, `${JSON.stringify({ state: "failed", title, ms: waitMs * 300, error: title })}\n`);
    // Mocha sets the exit code in a listener of its own; the one added last has the last word.
    process.on("exit", () => (process.exitCode = 1));
    process.exit();
  }, waitMs).unref();
}

function describe(error) {
  const difference =
    error?.actual !== undefined && error?.expected !== undefined
      ? `\n  expected: ${show(error.expected)}\n  actual:   ${show(error.actual)}`
      : "";
  return `${error?.stack ?? String(error)}${difference}`;
}

function show(value) {
  try {
    return String(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 2000);
  } catch {
    return String(value);
  }
}

module.exports = MochaResults;
