import assert from "node:assert/strict";
import { build, type Metafile, type Plugin } from "esbuild";
import { extensionBundle } from "../../../scripts/extensionBundle.mjs";

const most = 5000;
/** What an activation has to read. */
const mostAtStart = 250_000;

/** The extension as it ships; the plugins are those of the build where none are given. */
async function metafileOf(plugins?: readonly Plugin[]): Promise<Metafile> {
  const options = { ...extensionBundle(true), ...(plugins === undefined ? {} : { plugins: [...plugins] }) };
  const { metafile } = await build({ ...options, logLevel: "silent" });
  assert.ok(metafile !== undefined);
  return metafile;
}

/** What is loaded with a source file that the extension begins with, or imports dynamically: its bundle and what that imports at once. */
function loadedWith(
  source: string,
  { outputs }: Metafile,
): { readonly bytes: number; readonly inputs: readonly string[] } {
  const wanted = Object.keys(outputs).filter((one) => outputs[one]?.entryPoint === source);
  assert.equal(wanted.length, 1, source);
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

describe("what the extension loads", () => {
  let whole: Metafile;
  before(async () => {
    whole = await metafileOf();
  });

  it("when it starts are the views and what they need, below 250 kB", () => {
    const { bytes, inputs } = loadedWith("src/extension.ts", whole);
    assert.ok(bytes <= mostAtStart, `${bytes} bytes`);
    const later = /^node_modules\/(?!zod\/)|^src\/(runtime|platform|git|workflow|sandbox)\/|\/journal\//;
    assert.deepEqual(
      inputs.filter((one) => later.test(one)),
      [],
    );
  });

  it("with its worker is not the adapter for the Agent Client Protocol, which makes it hardly larger", async () => {
    const worker = loadedWith("src/composition/worker.ts", whole);
    assert.deepEqual(
      worker.inputs.filter((one) => /@agentclientprotocol|runtime\/acp\/(?!terminalMarkers)/.test(one)),
      [],
    );
    const bare = loadedWith("src/composition/worker.ts", await metafileOf([without]));
    assert.ok(worker.bytes - bare.bytes < most, `${worker.bytes - bare.bytes} bytes`);
    const adapter = loadedWith("src/runtime/acp/acpRuntime.ts", whole);
    assert.ok(adapter.inputs.some((one) => one.includes("@agentclientprotocol")));
  });
});
