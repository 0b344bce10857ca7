import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  startSandbox,
  type Sandbox,
  type SandboxAssets,
  type SandboxOptions,
} from "../../src/sandbox/server";

const folder = join(import.meta.dirname, "..", "..", "src", "sandbox");
const text = (...path: readonly string[]): string => readFileSync(join(folder, ...path), "utf8");

/** The texts that the bundler inlines into the product, read from the sources. */
export function sandboxAssets(): SandboxAssets {
  return {
    openapi: text("contract", "openapi.yaml"),
    authorizePage: text("auth", "authorize.html"),
    pageHtml: text("dashboard", "page", "index.html"),
    pageStyle: text("dashboard", "page", "page.css"),
    pageScript: text("dashboard", "page", "page.js"),
    kitScript: text("dashboard", "page", "kit.js"),
    runsStyle: text("dashboard", "page", "runs.css"),
    runsScript: text("dashboard", "page", "runs.js"),
  };
}

/** A sandbox in this process, on free ports. Whatever it did not mean to do ends the test that closes it. */
export async function startTestSandbox(options: Omit<SandboxOptions, "assets"> = {}): Promise<Sandbox> {
  const errors: unknown[] = [];
  const sandbox = await startSandbox({
    onError: (error) => errors.push(error),
    ...options,
    assets: sandboxAssets(),
  });
  return {
    ...sandbox,
    close: async () => {
      await sandbox.close();
      if (errors.length > 0) throw new AggregateError(errors, "the sandbox failed inside");
    },
  };
}
