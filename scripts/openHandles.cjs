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
    `resources ${process.getActiveResourcesInfo().join(", ")}`,
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
  const link = linkOf(fd);
  const peers = peersOf(link);
  return `${kind} ${handle._handle?.constructor.name ?? ""} fd ${fd} ${link} ${place} ${state}${peers}`;
}

/** The two ends of a pair have numbers next to each other: whoever holds such a one is most likely the other side. Linux only. */
function peersOf(link) {
  const inode = Number(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? NaN);
  const names = [`socket:[${inode - 1}]`, `socket:[${inode + 1}]`];
  const holders = pids().filter((pid) => openOf(pid).some((one) => names.includes(one)));
  return holders.map((pid) => `, perhaps held by ${pid}: ${commandOf(pid)}`).join("");
}

function pids() {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return [];
  }
}

function openOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it ended meanwhile, or belongs to somebody else
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "(ended)";
  }
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
  return pids().flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === process.pid ? [`child ${pid} (${state}): ${commandOf(pid)}`] : [];
    } catch {
      return [];
    }
  });
}

module.exports = { describeOpen };
