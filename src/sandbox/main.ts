import authorizePage from "./auth/authorize.html";
import { readCommandLine, type CommandLine } from "./commandLine";
import openapi from "./contract/openapi.yaml";
import kitScript from "./dashboard/page/kit.js?text" with { type: "text" };
import pageHtml from "./dashboard/page/index.html";
import pageScript from "./dashboard/page/page.js?text" with { type: "text" };
import pageStyle from "./dashboard/page/page.css" with { type: "text" };
import runsScript from "./dashboard/page/runs.js?text" with { type: "text" };
import runsStyle from "./dashboard/page/runs.css" with { type: "text" };
import { scriptedToolMain } from "./scriptedTool/entry";
import { startSandbox } from "./server";

const longestStopMs = 500;

const complain = (error: unknown): void => {
  process.stderr.write(`one-horizon sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
};

async function serve(commandLine: CommandLine): Promise<void> {
  const sandbox = await startSandbox({
    ...commandLine,
    assets: { openapi, authorizePage, kitScript, pageHtml, pageScript, pageStyle, runsScript, runsStyle },
    onError: complain,
  });
  const { baseUrl, dashboardUrl, dashboardToken, modelBaseUrl, clientId } = sandbox;
  process.stdout.write(
    `${JSON.stringify({ baseUrl, dashboardUrl, dashboardToken, modelBaseUrl, clientId })}\n`,
  );
  const stop = (): void => {
    // Nothing that it still does may keep it beyond its parent.
    setTimeout(() => process.exit(1), longestStopMs).unref();
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (commandLine.exitsWithParent) {
    process.stdin.once("end", stop);
    process.stdin.once("error", stop);
    process.stdin.resume();
  }
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv[0] === "--scripted-tool") process.exitCode = await scriptedToolMain(argv.slice(1));
  else await serve(readCommandLine(argv));
}

main().catch((error: unknown) => {
  complain(error);
  process.exitCode = 1;
});
