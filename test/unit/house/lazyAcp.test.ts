import assert from "node:assert/strict";
import { join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

const root = join(__dirname, "../../..");
const most = 5000;

/** The extension as `esbuild.mjs` splits it. */
async function metafileOf(plugins: readonly Plugin[]): Promise<Metafile> {
  const result = await build({
    entryPoints: { extension: "src/extension.ts" },
    absWorkingDir: root,
    outdir: "dist",
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["vscode"],
    mainFields: ["module", "main"],
    loader: { ".yaml": "text", ".html": "text", ".css": "text", ".svg": "text" },
    minify: true,
    metafile: true,
    format: "esm",
    splitting: true,
    write: false,
    logLevel: "silent",
    plugins: [...plugins],
  });
  return result.metafile;
}

/** What is loaded when the extension starts: its bundle and the chunks that it imports at once. */
function atStart({ outputs }: Metafile): { readonly bytes: number; readonly inputs: readonly string[] } {
  const wanted = Object.keys(outputs).filter((one) => one.endsWith("extension.js"));
  for (const one of wanted) {
    for (const { path, kind } of outputs[one]?.imports ?? []) {
      if (kind === "import-statement" && path in outputs && !wanted.includes(path)) wanted.push(path);
    }
  }
  const parts = wanted.map((one) => outputs[one]).filter((one) => one !== undefined);
  return {
    bytes: parts.reduce((sum, one) => sum + one.bytes, 0),
    inputs: parts.flatMap((one) => Object.keys(one.inputs)),
  };
}

/** An extension that knows no agents. */
const without: Plugin = {
  name: "without",
  setup: (one) =>
    one.onLoad({ filter: /runtime.acp.acpRuntime\.ts$/ }, () => ({
      contents: "export class AcpRuntime {}",
      loader: "ts",
    })),
};

describe("the adapter for the Agent Client Protocol", () => {
  it("is not loaded with the extension, and makes it hardly larger", async () => {
    const { acpOwnCopies } = await ownCopies();
    const [whole, bare] = await Promise.all([metafileOf([acpOwnCopies()]), metafileOf([without])]);
    const start = atStart(whole);
    assert.deepEqual(
      start.inputs.filter((one) => /@agentclientprotocol|runtime\/acp\/(?!terminalMarkers)/.test(one)),
      [],
    );
    const grown = start.bytes - atStart(bare).bytes;
    assert.ok(grown < most, `${grown} bytes`);
    const later = Object.entries(whole.outputs).filter(([path]) => path.includes("acpRuntime"));
    assert.equal(later.length, 1);
    assert.ok(Object.keys(later[0]?.[1].inputs ?? {}).some((one) => one.includes("@agentclientprotocol")));
  });
});

async function ownCopies(): Promise<{ acpOwnCopies: () => Plugin }> {
  const path: string = join(root, "scripts", "ownCopies.mjs");
  return (await import(path)) as { acpOwnCopies: () => Plugin };
}
