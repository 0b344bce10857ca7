// What keeps this process alive, in words: getActiveResourcesInfo knows no worker thread, and counts the process's own output.
const { readdirSync, readFileSync, readlinkSync } = require("node:fs");

/** @type {Set<import("node:worker_threads").Worker>} */
const threads = new Set();
process.on("worker", (thread) => {
  threads.add(thread);
  thread.once("exit", () => threads.delete(thread));
});

/** @returns {string[]} one line for each worker thread, child process, connection and listening server that is open */
function describeOpen() {
  const own = new Set([process.stdin, process.stdout, process.stderr].map((stream) => stream.fd));
  const handles = process._getActiveHandles().filter((handle) => !own.has(handle.fd ?? handle._handle?.fd));
  return [
    ...[...threads].map((thread) => `worker thread ${thread.threadId}`),
    ...handles.map(describeHandle),
    ...process._getActiveRequests().map((request) => `request ${request.constructor.name}`),
    ...children(),
  ];
}

function describeHandle(handle) {
  const kind = handle.constructor?.name ?? typeof handle;
  if (handle.spawnargs)
    return `${kind} ${handle.pid}: ${handle.spawnargs.join(" ")}, exit code ${handle.exitCode}`;
  const fd = handle._handle?.fd;
  const place = handle.remoteAddress
    ? `${handle.remoteAddress}:${handle.remotePort}`
    : (handle._pipeName ?? "");
  const state = `reading ${handle._handle?.reading ?? "?"}, readable ${handle.readable}, writable ${handle.writable}`;
  return `${kind} ${handle._handle?.constructor.name ?? ""} fd ${fd} ${linkOf(fd)} ${place} ${state}`;
}

function linkOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

/** Processes below this one, also those that the event loop no longer knows. Linux only. */
function children() {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const stat = readFileSync(`/proc/${name}/stat`, "latin1");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (Number(parent) !== process.pid) return [];
        return [
          `child ${name} (${state}): ${readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ")}`,
        ];
      });
  } catch {
    return [];
  }
}

module.exports = { describeOpen };
