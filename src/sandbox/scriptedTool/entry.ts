import { runScriptedTool } from "./appServer";
import { toolVersion } from "./protocol";

/**
 * The scripted tool as a program, with the few calls of codex's command line that a worker makes.
 * @returns the exit code
 */
export async function scriptedToolMain(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  switch (first) {
    case "--version":
      process.stdout.write(
        `scripted-tool ${toolVersion} (the app-server protocol's version; this is not codex)\n`,
      );
      return 0;
    case "sandbox":
      // It runs no commands, so there is nothing that could fail to be confined; a hook has to know that it was not run.
      if (argv.at(-2) === "--" && argv.at(-1) === "true") return 0;
      process.stderr.write("The scripted tool has no sandbox for hooks. Leave them out, or use codex.\n");
      return 2;
    case "app-server":
      // Overrides of the configuration follow; none of them concerns a fixed script.
      await runScriptedTool(process.stdin, process.stdout);
      return 0;
    default:
      process.stderr.write("The scripted tool knows: app-server, --version, sandbox.\n");
      return 2;
  }
}
