import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { installedTools } from "../../../src/composition/diagnostics/installedTools";
import { providerNames } from "../../../src/core/providers";
import { signInTracesOf, type SignInState } from "../../../src/core/signInTraces";
import { signInState } from "../../../src/runtime/installed/signInState";
import { toolVersion } from "../../../src/runtime/installed/toolVersion";

describe("a coding tool that is installed", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "one-horizon-installed-")));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = async (path: string, text: string): Promise<string> => {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text, { mode: 0o755 });
    return place;
  };
  const described = (name: string, version: string): string => JSON.stringify({ name, version });

  it("tells its version by its package, through the link that npm makes, and is not started", async () => {
    const program = await put("lib/opencode-ai/bin/opencode.exe", `#!/bin/sh\ntouch ${folder}/started\n`);
    await put("lib/opencode-ai/package.json", described("opencode-ai", "1.18.33"));
    await mkdir(join(folder, "bin"));
    await symlink(program, join(folder, "bin", "opencode"));
    const environment = { PATH: ["relative", join(folder, "bin")].join(delimiter), HOME: folder };
    const tools = await installedTools(environment);
    assert.deepEqual(
      tools.filter(({ path }) => path !== undefined),
      [
        {
          ...{ provider: "opencode", title: "OpenCode", install: "npm install -g opencode-ai" },
          ...{ path: join(folder, "bin", "opencode"), version: "1.18.33" },
          signIn: { kind: "signedOut", how: "opencode auth login" },
        },
      ],
    );
    await assert.rejects(realpath(join(folder, "started")));
  });

  it("tells it by the script that npm leaves on Windows", async () => {
    await put("node_modules/@openai/codex/package.json", described("@openai/codex", "0.169.0"));
    assert.equal(await toolVersion(await put("codex", ""), "@openai/codex"), "0.169.0");
  });

  for (const path of [
    "cursor-agent/versions/2026.1.2-abc/cursor-agent",
    "Cellar/cursor/2026.1.2-abc/bin/x",
  ]) {
    it(`tells it by its folder: ${path}`, async () => {
      assert.equal(await toolVersion(await put(path, ""), undefined), "2026.1.2-abc");
    });
  }

  const untold: Readonly<Record<string, string>> = {
    "another package's": described("other", "1.0.0"),
    junk: "{",
    "no version": described("tool", "newest; rm -rf"),
    "endless text": `${" ".repeat(100_000)}${described("tool", "1.0.0")}`,
  };
  for (const [what, text] of Object.entries(untold)) {
    it(`does not tell it where its package's description is ${what}`, async () => {
      await put("tool/package.json", text);
      assert.equal(await toolVersion(await put("tool/bin/tool", ""), "tool"), undefined);
    });
  }

  it("that is gone tells nothing", async () => {
    assert.equal(await toolVersion(join(folder, "gone"), "tool"), undefined);
  });

  describe("and its sign-in", () => {
    const state = (provider: string, more: Readonly<Record<string, string>> = {}): Promise<SignInState> =>
      signInState(provider, { HOME: folder, ...more }, "linux");

    for (const provider of providerNames) {
      for (const file of signInTracesOf(provider)?.files ?? []) {
        it(`of ${provider} shows in ~/${file}, but not where that is empty`, async () => {
          await put(file, "{}");
          assert.equal((await state(provider)).kind, "signedOut");
          await put(file, '{"a":1}');
          assert.deepEqual(await state(provider), { kind: "signedIn" });
        });
      }
    }

    it("of Codex follows CODEX_HOME", async () => {
      await put("elsewhere/auth.json", '{"a":1}');
      assert.deepEqual(await state("codex", { CODEX_HOME: join(folder, "elsewhere") }), { kind: "signedIn" });
      assert.deepEqual(await state("codex"), { kind: "signedOut", how: "codex login" });
    });

    it("may be a key, which the agent has to be given", async () => {
      assert.deepEqual(await state("cursor", { CURSOR_API_KEY: "x" }), {
        kind: "key",
        variable: "CURSOR_API_KEY",
      });
      assert.equal((await state("claude-code", { ANTHROPIC_API_KEY: "" })).kind, "signedOut");
    });

    it("cannot be told where it may lie in a keychain, in settings, or nowhere that is documented", async () => {
      assert.equal((await signInState("claude-code", { HOME: folder }, "darwin")).kind, "unknown");
      assert.equal((await state("cursor")).kind, "unknown");
      assert.equal((await state("acp")).kind, "unknown");
      await put(".codex/config.toml", 'cli_auth_credentials_store = "keyring"\n');
      assert.equal((await state("codex")).kind, "unknown");
      await put(".gemini/settings.json", '{"security":{}}');
      assert.equal((await state("gemini")).kind, "unknown");
    });

    it("is not looked for in a folder that the environment does not name", async () => {
      assert.deepEqual(await signInState("codex", { HOME: "relative" }, "linux"), { kind: "unknown" });
    });
  });
});
