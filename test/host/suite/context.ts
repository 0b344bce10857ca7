// What the runner tells the suites about the world around the editor.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type HostTestContext = {
  /** Which editor runs: a desktop VS Code or code-server. */
  readonly editor: "desktop" | "code-server";
  /** The opened folder: a repository with a bare origin. */
  readonly folder: string;
  readonly origin: string;
  readonly home: string;
  readonly codex: string;
  readonly sandbox: {
    readonly baseUrl: string;
    readonly dashboardToken: string;
    readonly modelBaseUrl: string;
    readonly clientId: string;
  } | null;
};

/** @throws Error when the suite was started without the runner. */
export function hostContext(): HostTestContext {
  // The runner writes the file beside the bundle that this becomes part of: not an edge that needs a schema.
  return JSON.parse(readFileSync(join(__dirname, "context.json"), "utf8")) as HostTestContext;
}
