import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import { packageOf, providerNames, providerOf, type KnownTool } from "../../core/providers";
import type { SignInState } from "../../core/signInTraces";
import { runtimeEnvironment, type Environment } from "../../runtime/environment";
import { signInState } from "../../runtime/installed/signInState";
import { toolVersion } from "../../runtime/installed/toolVersion";
import { programPath } from "../../runtime/programPath";
import { namesAgents } from "../../workflow/consent";
import { attention, checksOf, notTried, passed, restricted } from "./findings";
import type { DiagnosedParts } from "./parts";
import type { WorkflowFacts } from "./workflowFacts";

/**
 * Which of the known tools are there, and what can be told of each from its files. None is started: only what the owner's
 * workflow names is, and only once allowed.
 */
export async function installedTools(environment: Environment): Promise<readonly KnownTool[]> {
  const { platform } = process;
  const searched = runtimeEnvironment({ parent: environment, platform, names: [], marker: "" });
  const known = providerNames.flatMap((provider) => {
    const { title, command, install } = providerOf(provider) ?? {};
    const program = command?.[0];
    if (title === undefined || program === undefined || install === undefined) return [];
    return [{ provider, title, program, install }];
  });
  return await Promise.all(
    known.map(async ({ program, ...tool }) => {
      const path = await programPath(program, searched);
      const version = path === undefined ? undefined : await toolVersion(path, packageOf(tool.install));
      return { ...tool, path, version, signIn: await signInState(tool.provider, environment) };
    }),
  );
}

/** What is known of a sign-in, as a part of a sentence. */
function signInWords(state: SignInState): string {
  switch (state.kind) {
    case "signedIn":
      return say("signed in");
    case "key":
      return say("a key in {0}, which runtime.environment has to name", state.variable);
    case "signedOut":
      return say("not signed in: run {0}", state.how);
    case "unknown":
      return say("whether it is signed in cannot be told before a session");
  }
}

/** What else could do the work, and what holds an agent that does. */
export function installedToolChecks(
  parts: DiagnosedParts,
  workflow: (signal: AbortSignal) => Promise<WorkflowFacts | undefined>,
): readonly Check[] {
  return checksOf(
    "tool",
    {
      id: "tool.installed",
      name: say("Coding tools on this machine"),
      expected: say("Any of those that the worker knows by name"),
      find: () => installed(parts),
    },
    {
      id: "tool.held",
      name: say("Sandbox around agents"),
      expected: say("One of this system, where an agent without its own does the work"),
      limitMs: 30_000,
      find: async (signal) => (parts.trusted() ? await held(parts, await workflow(signal)) : restricted()),
    },
  );
}

async function installed({ environment }: DiagnosedParts): Promise<Finding> {
  const tools = await installedTools(environment);
  const there = tools
    .filter(({ path }) => path !== undefined)
    .map(({ title, version, signIn }) => {
      return `${version === undefined ? title : `${title} ${version}`} (${signInWords(signIn)})`;
    });
  const missing = tools.filter(({ path }) => path === undefined);
  const ways = missing.map(({ title, install }) => `${title}: ${install}`).join("; ");
  const found = there.length === 0 ? say("None is on the PATH.") : say("On the PATH: {0}.", there.join("; "));
  // That the one that is named is missing is another check's word.
  return passed(missing.length === 0 ? found : `${found} ${say("Others come with: {0}.", ways)}`);
}

async function held(parts: DiagnosedParts, facts: WorkflowFacts | undefined): Promise<Finding> {
  if (facts?.file.workflow.kind !== "ok") {
    return notTried(say("The folder and its workflow file have to be put right first."));
  }
  const { config } = facts.file.workflow;
  if (!namesAgents(config)) {
    return passed(say("None is needed: Codex does the work, in a sandbox of its own."));
  }
  if (config.policy.sandbox === "danger-full-access") {
    return attention(
      say("The workflow wants none: a command of the model runs as you."),
      say("Remove danger-full-access from {0}, unless that is what you want.", "runtime.sandbox"),
    );
  }
  const kind = await parts.confinement();
  if (kind !== undefined) return passed(say("{0} holds the agent with all that it starts.", kind));
  return attention(
    say("Nothing on this machine confines the agent: a command of its model runs as you."),
    process.platform === "linux"
      ? say("Install bubblewrap, and allow unprivileged user namespaces.")
      : say("Use Codex, or work in a container or a virtual machine."),
  );
}
