import { release, userInfo } from "node:os";
import { join } from "node:path";
import type { Diagnostics } from "../../core/diagnostics";
import type { Runtime } from "../../core/ports/runtime";
import type { Store } from "../../core/store";
import { GitClient } from "../../git/gitClient";
import type { KeeperProgram } from "../../runtime/keeper/keeperLink";
import type { Accounts } from "../accounts";
import type { Host } from "../host";
import type { MachineServices } from "../machineServices";
import type { SandboxSession } from "../sandboxSession";
import { withToolFor } from "../sandboxTool";
import { diagnosticsOf } from "./diagnostics";

/** What this window and its machine can be asked. Touches nothing before it is run. */
export function openDiagnostics(
  host: Host,
  machine: MachineServices,
  parts: {
    readonly store: Store;
    readonly runtime: Runtime;
    readonly accounts: Accounts;
    readonly sandbox: SandboxSession;
    readonly keeper: KeeperProgram;
    readonly confinement: () => Promise<string | undefined>;
  },
): Diagnostics {
  const { accounts, sandbox, store } = parts;
  const { clock, random, log, redactor, environment, trusted, folder, settings, network, secrets } = host;
  return diagnosticsOf(
    {
      ...{ clock, random, log, redactor, environment, trusted, folder, settings, network },
      ...{ runtime: parts.runtime, keeper: parts.keeper, confinement: parts.confinement },
      ...{ lock: machine.lock, paths: machine.paths },
      ...{ configurations: machine.configurations, consents: machine.consents },
      owner: { home: machine.home, user: userName() },
      settingProblems: host.settingProblems,
      askSecret: (key) => secrets.get(key),
      git: new GitClient(environment, join(machine.paths.state, "git")),
      threadFile: host.bundle("heartbeatThread.js"),
      state: () => store.state,
      sandboxRuns: () => sandbox.account !== undefined,
      connection: () => accounts.connection(),
      withTool: (config) => withToolFor(config, accounts.current().origin, sandbox),
    },
    () => [
      { name: "One Horizon Worker", value: host.version },
      ...host.editorFacts(),
      { name: "Node", value: process.versions.node },
      { name: "System", value: `${process.platform} ${release()} ${process.arch}` },
    ],
  );
}

/** Empty where the system knows none, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
