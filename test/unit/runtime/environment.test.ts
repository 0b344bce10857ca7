import assert from "node:assert/strict";
import { runtimeEnvironment } from "../../../src/runtime/environment";

const parent = {
  PATH: "/bin",
  HOME: "/home/a",
  LC_ALL: "C",
  SSL_CERT_FILE: "/certs",
  https_proxy: "http://proxy",
  CODEX_HOME: "/codex",
  SystemRoot: "C:\\Windows",
  Path: "C:\\bin",
  NODE_OPTIONS: "--require evil",
  ELECTRON_RUN_AS_NODE: "1",
  VSCODE_IPC_HOOK: "/socket",
  ONE_HORIZON_TOKEN: "secret",
  ONE_WORKER_ATTEMPT: "another",
  GITHUB_TOKEN: "secret",
  WANTED: "yes",
  UNSET: undefined,
};
const wishes = [
  "WANTED",
  "UNSET",
  "MISSING",
  "ONE_HORIZON_TOKEN",
  "ONE_WORKER_ATTEMPT",
  "NODE_OPTIONS",
  "LD_PRELOAD",
];

describe("the environment of the tool", () => {
  it("is the allow-list, the owner's names and our own three", () => {
    assert.deepEqual(
      runtimeEnvironment({
        parent,
        platform: "linux",
        names: [...wishes, "ELECTRON_RUN_AS_NODE"],
        marker: "mark",
        worker: { name: "My worker", artifactsDirectory: "/artifacts" },
      }),
      {
        PATH: "/bin",
        HOME: "/home/a",
        LC_ALL: "C",
        SSL_CERT_FILE: "/certs",
        https_proxy: "http://proxy",
        CODEX_HOME: "/codex",
        WANTED: "yes",
        ONE_WORKER_ATTEMPT: "mark",
        ONE_WORKER_NAME: "My worker",
        ONE_WORKER_ARTIFACTS_DIR: "/artifacts",
      },
    );
  });

  it("knows no upper and lower case on Windows, and its further names", () => {
    const given = runtimeEnvironment({ parent, platform: "win32", names: ["wanted"], marker: "mark" });
    assert.equal(given["Path"], "C:\\bin");
    assert.equal(given["SystemRoot"], "C:\\Windows");
    assert.equal(given["WANTED"], "yes");
  });

  it("leaves out relative folders of PATH, which would be looked up in a tree that strangers fill", () => {
    const path = (platform: NodeJS.Platform, parent: Record<string, string>): Record<string, string> =>
      runtimeEnvironment({ parent, platform, names: [], marker: "mark" });
    assert.equal(path("linux", { PATH: "node_modules/.bin:.::/usr/bin:/bin" })["PATH"], "/usr/bin:/bin");
    assert.equal(path("win32", { Path: ".;bin;C:\\bin;\\\\host\\bin" })["Path"], "C:\\bin;\\\\host\\bin");
  });

  it("makes the editor's own binary a Node, and only that", () => {
    const given = runtimeEnvironment({
      parent: {},
      platform: "linux",
      names: [],
      marker: "mark",
      runsHostProgram: true,
    });
    assert.deepEqual(given, { ONE_WORKER_ATTEMPT: "mark", ELECTRON_RUN_AS_NODE: "1" });
  });

  it("a probe gets no word of the worker", () => {
    const given = runtimeEnvironment({ parent: {}, platform: "linux", names: [], marker: "mark" });
    assert.deepEqual(given, { ONE_WORKER_ATTEMPT: "mark" });
  });
});
