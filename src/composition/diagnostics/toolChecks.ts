import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import type { RunFailureReason, RuntimeProbe } from "../../core/ports/runtime";
import type { SignInState } from "../../core/signInTraces";
import { forTaskMode, type WorkflowConfig } from "../../core/workflowConfig";
import { signInState } from "../../runtime/installed/signInState";
import { attention, checksOf, failed, notTried, once, passed, restricted } from "./findings";
import { installedToolChecks } from "./installedTools";
import type { DiagnosedParts } from "./parts";
import type { WorkflowFacts } from "./workflowFacts";

/** One probe starts the tool three times. */
const probeMs = 90_000;

type AskWorkflow = (signal: AbortSignal) => Promise<WorkflowFacts | undefined>;
type AskProbe = (signal: AbortSignal) => Promise<RuntimeProbe | undefined>;

/** In the order in which a probe finds them out: where one is at fault, those before it hold and those after it are not known. */
const steps = ["start", "version", "sandbox", "account"] as const;
type Step = (typeof steps)[number];

function stepOf(reason: RunFailureReason): Step {
  switch (reason) {
    case "notFound":
    case "keeperUnavailable":
      return "start";
    case "wrongVersion":
      return "version";
    case "sandboxUnavailable":
      return "sandbox";
    case "notSignedIn":
    case "outOfQuota":
    case "modelUnreachable":
    case "startTimeout":
    case "turnTimeout":
    case "stalled":
    case "crashed":
    case "protocol":
    case "turnFailed":
    case "turnCancelled":
      return "account";
  }
}

/** The coding tool, as a session would start it. */
export function toolChecks(parts: DiagnosedParts, workflow: AskWorkflow): readonly Check[] {
  const config = once(async (signal) => {
    const allowed = (await workflow(signal))?.config;
    return allowed === undefined ? undefined : parts.withTool(allowed);
  });
  const probe = once(async (signal) => {
    const own = await config(signal);
    return own === undefined ? undefined : await probeOf(parts, own, signal);
  });
  const at = (step: Step, words: (version: string | undefined) => string): Check["find"] => {
    return (signal) => (parts.trusted() ? judged(step, probe, words, signal) : Promise.resolve(restricted()));
  };
  const checks = checksOf(
    "tool",
    {
      id: "tool.found",
      name: say("Coding tool"),
      expected: say("It is installed and starts"),
      limitMs: probeMs,
      find: at("start", () => say("It starts.")),
    },
    {
      id: "tool.version",
      name: say("Coding tool's version"),
      expected: say("One that this extension supports"),
      limitMs: probeMs,
      find: at("version", (version) => (version === undefined ? say("Supported.") : `${version}.`)),
    },
    {
      id: "tool.sandbox",
      name: say("Coding tool's sandbox"),
      expected: say("It starts, and keeps the worker's private files from commands"),
      limitMs: probeMs,
      find: at("sandbox", () => say("It holds.")),
    },
    {
      id: "tool.account",
      name: say("Coding tool's sign-in"),
      expected: say("It answers, and is signed in where its model needs that"),
      limitMs: probeMs,
      find: async (signal) => {
        const known = await at("account", () => say("It answers and is signed in."))(signal);
        const [own, answer] = known.verdict === "passed" ? [await config(signal), await probe(signal)] : [];
        if (own === undefined || answer?.kind !== "ready" || answer.signInWays === undefined) return known;
        return account(await signInState(own.runtime.provider, parts.environment), answer.signInWays);
      },
    },
    {
      id: "tool.modes",
      name: say("Tools of single task modes"),
      expected: say("Each of them can work"),
      limitMs: probeMs,
      find: async (signal) => {
        if (!parts.trusted()) return restricted();
        const own = await config(signal);
        return own === undefined ? noWorkflow() : await modes(parts, own, signal);
      },
    },
  );
  return [...checks, ...installedToolChecks(parts, workflow)];
}

function probeOf(parts: DiagnosedParts, config: WorkflowConfig, signal: AbortSignal): Promise<RuntimeProbe> {
  const { provider, command, environment: environmentNames } = config.runtime;
  return parts.runtime.probe({ provider, command, policy: config.policy, environmentNames, signal });
}

async function judged(
  step: Step,
  probe: AskProbe,
  words: (version: string | undefined) => string,
  signal: AbortSignal,
): Promise<Finding> {
  const answer = await probe(signal);
  if (answer === undefined) return noWorkflow();
  if (answer.kind === "ready") return passed(words(answer.version));
  const broken = steps.indexOf(stepOf(answer.reason));
  const here = steps.indexOf(step);
  if (here < broken) return passed(words(undefined));
  return here === broken ? failed(answer.message) : notTried(say("Mend what is above first."));
}

/** Of a tool that does not tell whether somebody signed in: what its files show. */
function account(state: SignInState, ways: readonly string[]): Finding {
  const offers = ways.length === 0 ? "" : ` ${say("It can be signed in by: {0}.", ways.join("; "))}`;
  switch (state.kind) {
    case "signedIn":
      return passed(say("It answers, and a sign-in is there."));
    case "key":
      return passed(
        say("It answers, and there is a key in {0}, which runtime.environment has to name.", state.variable),
      );
    case "signedOut":
      return attention(
        `${say("It answers, but no sign-in was found.")}${offers}`,
        say("Run {0} in a terminal, unless its model needs no sign-in.", state.how),
      );
    case "unknown":
      return passed(
        `${say("It answers. Whether it is signed in cannot be told before a session.")}${offers}`,
      );
  }
}

async function modes(parts: DiagnosedParts, config: WorkflowConfig, signal: AbortSignal): Promise<Finding> {
  const usual = JSON.stringify(config.runtime.command);
  const others = [...config.runtime.modes.keys()]
    .map((mode) => ({ mode, own: forTaskMode(config, mode) }))
    .filter(({ own }) => JSON.stringify(own.runtime.command) !== usual);
  const faults: string[] = [];
  for (const { mode, own } of others) {
    const answer = await probeOf(parts, own, signal);
    if (answer.kind !== "ready") faults.push(say("{0}: {1}", mode, answer.message));
  }
  if (faults.length > 0) return failed(faults.join(" "));
  const names = others.map(({ mode }) => mode).join(", ");
  return passed(others.length === 0 ? say("No mode has one of its own.") : say("They can work: {0}.", names));
}

function noWorkflow(): Finding {
  return notTried(say("The folder and its workflow file have to be put right first."));
}
