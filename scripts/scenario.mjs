// What the demo and the host tests play with: a repository with a bare origin, the sandbox platform, a codex home for its model.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { capture, onExit, startGroup, stopGroup, waitUntil } from "./processes.mjs";
import { projectRoot } from "./bootstrap.mjs";

/** Runs git in a folder with the given environment and returns what it prints, without the last line break. */
export async function git(folder, env, ...args) {
  return (await capture("git", ["-C", folder, ...args], { env })).trimEnd();
}

/**
 * Makes a small repository whose `origin` is a bare one beside it, with `main` pushed. `files` are added, by path.
 * @returns {Promise<{folder: string, origin: string}>}
 */
export async function createRepository(parent, env, name = "demo project", files = {}) {
  const folder = join(parent, name);
  const origin = join(parent, `${name}.git`);
  await mkdir(join(folder, "src"), { recursive: true });
  await git(parent, env, "init", "-q", "--bare", "--initial-branch=main", origin);
  await git(folder, env, "init", "-q", "--initial-branch=main");
  await writeFile(join(folder, "README.md"), `# ${name}\n\nA small project for One Horizon sessions.\n`);
  await writeFile(
    join(folder, "src", "greeting.js"),
    "export const greeting = (name) => `Hello, ${name}!`;\n",
  );
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  await git(folder, env, "add", "--all");
  await git(folder, env, "commit", "-q", "-m", "Start the project");
  await git(folder, env, "remote", "add", "origin", origin);
  await git(folder, env, "push", "-q", "--set-upstream", "origin", "main");
  await git(folder, env, "remote", "set-head", "origin", "main");
  return { folder, origin };
}

/** Writes a codex home that talks to the scripted model only, and never to the network. */
export async function writeCodexHome(folder, modelBaseUrl) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = `model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
[features]
plugins = false
apps = false
unbounded_connection_retries = false
[tools]
update_plan = { enabled = true }
[analytics]
enabled = false
[model_providers.scripted]
name = "scripted model"
base_url = "${modelBaseUrl}"
wire_api = "responses"
requires_openai_auth = false
request_max_retries = 1
stream_max_retries = 2
stream_idle_timeout_ms = 4000
`;
  await writeFile(join(folder, "config.toml"), config, { mode: 0o600 });
}

/**
 * @typedef {object} Sandbox
 * @property {string} baseUrl
 * @property {string} dashboardUrl carries the token in its fragment
 * @property {string} dashboardToken
 * @property {string} modelBaseUrl
 * @property {string} clientId
 * @property {(method: "GET" | "POST", path: string, body?: unknown) => Promise<any>} dashboard calls `/sandbox/api/<path>`
 * @property {() => Promise<any>} state workers, sessions and all else that the dashboard shows
 * @property {(session: {title: string, prompt: string}) => Promise<any>} queue
 * @property {() => string} log
 * @property {number} pid leader of the process group
 * @property {() => Promise<void>} stop
 * @property {() => Promise<Sandbox>} again starts it anew, on the same data, once this one has ended
 */

/**
 * Starts the sandbox platform and its scripted model in a process of their own.
 * @param {{dataDir: string, env: Record<string, string>, args?: string[]}} options
 * @returns {Promise<Sandbox>}
 */
export async function startSandbox({ dataDir, env, args = [] }) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const program = join(projectRoot, "dist", "sandbox.js");
  const flags = ["--data-dir", dataDir, "--port", "0", "--model-port", "0", "--exit-with-parent", ...args];
  // stdin stays open as long as this process lives: its end is how the sandbox learns that its parent is gone.
  const child = startGroup(process.execPath, [program, ...flags], { env, stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out = (out + text).slice(-100_000)));
  child.stderr.setEncoding("utf8").on("data", (text) => (log = (log + text).slice(-100_000)));
  const stop = () => stopGroup(child);
  onExit(stop);
  const ready = await waitUntil("the sandbox platform is ready", () => {
    if (child.exitCode !== null)
      throw new Error(`the sandbox platform ended with ${child.exitCode}:\n${log || out}`);
    return out.includes("\n") ? JSON.parse(out.slice(0, out.indexOf("\n"))) : undefined;
  });
  const dashboard = (method, path, body) => callDashboard(ready, method, path, body);
  return {
    ...ready,
    dashboard,
    state: () => dashboard("GET", "state"),
    queue: (session) => dashboard("POST", "sessions", session),
    log: () => log,
    pid: child.pid ?? 0,
    stop,
    again: () => startSandbox({ dataDir, env, args }),
  };
}

async function callDashboard({ baseUrl, dashboardToken }, method, path, body) {
  const answer = await fetch(`${baseUrl}/sandbox/api/${path}`, {
    method,
    headers: {
      "x-sandbox-token": dashboardToken,
      origin: baseUrl,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} /sandbox/api/${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text === "" ? undefined : JSON.parse(text);
}
