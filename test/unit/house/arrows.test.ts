import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";

/** One house that breaks every rule once; each entry names the rule that must notice it. */
const broken: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  { rule: "base-arrows", file: "src/base/up.ts", text: 'import "../core/good";' },
  { rule: "core-arrows", file: "src/core/up.ts", text: 'import "../platform/good";' },
  { rule: "platform-arrows", file: "src/platform/side.ts", text: 'import "../git/good";' },
  { rule: "runtime-arrows", file: "src/runtime/side.ts", text: 'import "../machine/good";' },
  { rule: "git-arrows", file: "src/git/side.ts", text: 'import "../workflow/good";' },
  { rule: "workflow-arrows", file: "src/workflow/side.ts", text: 'import "../runtime/good";' },
  { rule: "machine-arrows", file: "src/machine/side.ts", text: 'import "../platform/good";' },
  { rule: "host-arrows", file: "src/host/side.ts", text: 'import "../ui/good";' },
  { rule: "ui-arrows", file: "src/ui/side.ts", text: 'import "../git/good";' },
  { rule: "sandbox-arrows", file: "src/sandbox/side.ts", text: 'import "../core/good";' },
  { rule: "webview-arrows", file: "src/webview/side.ts", text: 'import "../ui/good";' },
  { rule: "core-is-pure", file: "src/core/impure.ts", text: 'import "node:fs";' },
  { rule: "zod-only-in", file: "src/core/parses.ts", text: 'import "zod/mini";' },
  { rule: "simple-git-only-in", file: "src/runtime/gits.ts", text: 'import "simple-git";' },
  { rule: "yaml-only-in", file: "src/machine/yamls.ts", text: 'import "yaml";' },
  {
    rule: "vscode-only-in",
    file: "src/runtime/edits.ts",
    text: 'import type { Uri } from "vscode"; export type U = Uri;',
  },
  { rule: "oauth4webapi-only-in", file: "src/host/signs.ts", text: 'import "oauth4webapi";' },
  { rule: "ajv-only-in", file: "src/platform/validates.ts", text: 'import "ajv";' },
  {
    rule: "@agentclientprotocol/sdk-only-in",
    file: "src/runtime/codex/agents.ts",
    text: 'import "@agentclientprotocol/sdk";',
  },
  { rule: "markdown-it-only-in", file: "src/ui/reads.ts", text: 'import "markdown-it";' },
  {
    rule: "@tanstack/virtual-core-only-in",
    file: "src/ui/scrolls.ts",
    text: 'import "@tanstack/virtual-core";',
  },
  {
    rule: "@vscode-elements/elements-only-in",
    file: "src/ui/draws.ts",
    text: 'import "@vscode-elements/elements/dist/vscode-button/index.js";',
  },
  { rule: "no-cycles", file: "src/base/circle.ts", text: 'import "./circleBack";' },
  { rule: "root-is-the-end", file: "src/ui/root.ts", text: 'import "../extension";' },
  { rule: "no-tests-in-product", file: "src/ui/fake.ts", text: 'import "../../test/fake";' },
  { rule: "resolvable", file: "src/ui/nowhere.ts", text: 'import "./missing";' },
];

const good = ["base", "core", "platform", "runtime", "git", "workflow", "machine", "host", "ui", "webview"];
const projectRoot = join(__dirname, "../../..");

async function build(folder: string): Promise<void> {
  const files = new Map(broken.map((one) => [one.file, one.text]));
  for (const room of good) files.set(`src/${room}/good.ts`, "export const good = 1;");
  files.set("src/base/circleBack.ts", 'import "./circle";');
  files.set("src/extension.ts", "export const root = 1;");
  files.set("test/fake.ts", "export const fake = 1;");
  files.set(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { module: "preserve", moduleResolution: "bundler" } }),
  );
  files.set(
    "package.json",
    JSON.stringify({ name: "broken-house", devDependencies: { zod: "*", "simple-git": "*" } }),
  );
  for (const [file, text] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), file.endsWith(".ts") ? `${text}\nexport {};\n` : text);
  }
  await symlink(join(projectRoot, "node_modules"), join(folder, "node_modules"));
}

describe("the arrows of the house", () => {
  let folder = "";
  let found = new Map<string, string[]>();

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), "broken-house-"));
    await build(folder);
    await copyFile(join(projectRoot, ".dependency-cruiser.cjs"), join(folder, ".dependency-cruiser.cjs"));
    found = byRule(await cruise(folder));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  for (const { rule, file } of broken) {
    it(`${rule} notices ${file}`, () => {
      assert.ok(found.get(rule)?.includes(file), `${rule} found ${JSON.stringify(found.get(rule) ?? [])}`);
    });
  }

  it("every rule has been seen failing", async () => {
    const listed: unknown = await import(join(projectRoot, ".dependency-cruiser.cjs"));
    const names = z
      .parse(configuration, listed)
      .default.forbidden.map((one) => one.name)
      .sort();
    assert.deepEqual(names, broken.map((one) => one.rule).sort());
  });

  it("nothing is said about what keeps to the rules", () => {
    const accused = new Set([...found.values()].flat());
    assert.deepEqual(
      good.map((room) => `src/${room}/good.ts`).filter((file) => accused.has(file)),
      [],
    );
  });
});

const forbidden = z.object({ forbidden: z.array(z.object({ name: z.string() })) });
const configuration = z.object({ default: forbidden });
const report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** Runs the same command as `npm run deps` there; its exit code counts violations, so only its report is read. */
async function cruise(folder: string): Promise<z.infer<typeof report>> {
  const bin = join(projectRoot, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [bin, "src", "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  const text = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(`nothing was cruised: ${stderr} ${error?.message ?? ""}`));
      else resolve(stdout);
    });
  });
  return z.parse(report, JSON.parse(text));
}

function byRule(result: z.infer<typeof report>): Map<string, string[]> {
  const rules = new Map<string, string[]>();
  for (const violation of result.summary.violations) {
    rules.set(violation.rule.name, [...(rules.get(violation.rule.name) ?? []), violation.from]);
  }
  return rules;
}
