import assert from "node:assert/strict";
import { build } from "esbuild";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchSandbox, type LaunchedSandbox } from "../../../src/sandbox/launch";
import { until } from "../runtime/codexLab";
import { startAppServer } from "./appServerClient";

const repository = join(import.meta.dirname, "..", "..", "..");

describe("the sandbox as a program", () => {
  let folder: string;
  let bundlePath: string;
  let launched: LaunchedSandbox | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sandbox-program-"));
    bundlePath = join(folder, "sandbox.js");
    await build({
      entryPoints: [join(repository, "src", "sandbox", "main.ts")],
      outfile: bundlePath,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      loader: { ".yaml": "text", ".html": "text" },
      logLevel: "silent",
    });
  });
  afterEach(async () => {
    await launched?.dispose();
    launched = undefined;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const launch = async (
    more: { readonly bundlePath?: string; readonly deadlineMs?: number } = {},
  ): Promise<LaunchedSandbox> => {
    const environment = { ...process.env, SECRET_TOKEN: "do not pass on" };
    const dataDir = join(folder, "data");
    launched = await launchSandbox(
      { bundlePath, execPath: process.execPath, dataDir, environment, ...more },
      new AbortController().signal,
    );
    return launched;
  };

  it("says where it is, serves its page, and is gone when it is disposed of", async () => {
    const running = await launch();
    const { baseUrl, dashboardUrl, dashboardToken, modelBaseUrl } = running;
    assert.equal(dashboardUrl, `${baseUrl}/#token=${dashboardToken}`);
    assert.match(await (await fetch(baseUrl)).text(), /One Horizon/);
    for (const path of ["page.css", "page.js"]) {
      assert.equal((await fetch(`${baseUrl}/sandbox/${path}`)).status, 200);
    }
    assert.equal((await fetch(`${modelBaseUrl}/models`)).status, 200);
    await running.dispose();
    await running.exited;
    await assert.rejects(fetch(baseUrl));
  });

  it("gets the allowed names of the environment only", async () => {
    const spy = join(folder, "spy.js");
    const seen = join(folder, "environment.json");
    writeFileSync(
      spy,
      `require("node:fs").writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env)); process.exit(3);`,
    );
    await assert.rejects(launch({ bundlePath: spy }), /ended with 3 before it was ready/);
    const environment = readFileSync(seen, "utf8");
    assert.match(environment, /"ELECTRON_RUN_AS_NODE":"1"/);
    assert.ok(!environment.includes("do not pass on"));
  });

  it("is ended when it does not start in time", async () => {
    const silent = join(folder, "silent.js");
    writeFileSync(silent, "process.stdin.resume(); process.stdin.on('end', () => process.exit(0));");
    await assert.rejects(launch({ bundlePath: silent, deadlineMs: 100 }), /did not start within 0.1 s/);
  });

  it("ends with its parent, because its stdin does", async () => {
    const child = spawn(process.execPath, [bundlePath, "--exit-with-parent"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.stdin.end();
    await once(child, "exit");
    assert.equal(child.exitCode, 0);
  });

  it("ends when its parent is killed, however many connections are open", async () => {
    // As the extension host starts it: with pipes that nobody else holds.
    const script = `const child = require("node:child_process").spawn(process.execPath, process.argv.slice(1), {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdout.on("data", (text) => process.stdout.write(child.pid + " " + text));`;
    const parent = spawn(process.execPath, ["-e", script, bundlePath, "--exit-with-parent"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(parent.stdout, "data")) as [Buffer];
    const [, pid, addresses] = /^(\d+) (.*)/.exec(said.toString()) ?? [];
    const { port } = new URL((JSON.parse(addresses ?? "") as { baseUrl: string }).baseUrl);
    // One that idles and one in the middle of a request.
    const sockets = [connect(Number(port), "127.0.0.1"), connect(Number(port), "127.0.0.1")];
    await Promise.all(sockets.map((one) => once(one, "connect")));
    sockets[1]?.write("POST /oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf");
    // A reset on the way is an end as good as any.
    const ends = Promise.all(sockets.map((one) => new Promise((resolve) => one.once("close", resolve))));
    for (const one of sockets) one.on("error", () => undefined);
    parent.kill("SIGKILL");
    await ends;
    await until("the sandbox is gone", () => !existsSync(`/proc/${pid}`), 5000);
  });

  it("explains arguments it does not take", () => {
    const run = (...args: readonly string[]): string => {
      try {
        return execFileSync(process.execPath, [bundlePath, ...args], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        });
      } catch (error) {
        return String(error);
      }
    };
    assert.match(run("--port", "many"), /whole number/);
    assert.match(run("--model-script", "none"), /one of: default/);
    assert.match(run("--host", "0.0.0.0"), /loopback only/);
    assert.match(run("--scripted-tool", "--version"), /scripted-tool 0\.169\.0/);
  });

  it("is the scripted coding tool too", async () => {
    const work = mkdtempSync(join(folder, "work-"));
    const command = [
      process.execPath,
      bundlePath,
      "--scripted-tool",
      "app-server",
      "-c",
      'web_search="disabled"',
    ];
    const client = await startAppServer({ command });
    try {
      await client.turn(await client.thread(work), "Go");
      assert.ok(existsSync(join(work, "notes")));
    } finally {
      await client.close();
    }
  });
});
