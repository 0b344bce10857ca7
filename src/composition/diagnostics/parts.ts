import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import type { Random } from "../../base/random";
import type { TextRedactor } from "../../base/redaction/redactor";
import type { Owner } from "../../base/redaction/shareable";
import type { Configurations } from "../../core/ports/configurations";
import type { MachineLock } from "../../core/ports/machineLock";
import type { Runtime } from "../../core/ports/runtime";
import type { SecretStore } from "../../core/ports/secrets";
import type { WorkerState } from "../../core/state";
import type { WorkflowConfig } from "../../core/workflowConfig";
import type { GitClient } from "../../git/gitClient";
import type { SettingProblem, Settings } from "../../host/settingsSchema";
import type { ConsentStore } from "../../machine/consentStore";
import type { MachinePaths } from "../../machine/paths";
import type { PlatformConnection } from "../../platform/connection";
import type { KeeperProgram } from "../../runtime/keeper/keeperLink";

/** What the checks look at. */
export interface DiagnosedParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly owner: Owner;
  readonly paths: Pick<MachinePaths, "state">;
  readonly trusted: () => boolean;
  readonly folder: () => string | undefined;
  readonly settings: () => Settings;
  readonly settingProblems: () => readonly SettingProblem[];
  readonly network: () => {
    readonly proxySetting: string | undefined;
    readonly noProxySetting: readonly string[] | undefined;
  };
  /** Asks the editor's secret storage for a key. */
  readonly askSecret: SecretStore["get"];
  readonly lock: MachineLock;
  readonly configurations: Pick<Configurations, "get">;
  readonly consents: Pick<ConsentStore, "isAllowed">;
  /** What of this machine holds an agent with all it starts; undefined: nothing does. */
  readonly confinement: () => Promise<string | undefined>;
  readonly git: GitClient;
  readonly runtime: Pick<Runtime, "probe">;
  readonly keeper: KeeperProgram;
  /** Absolute path of the heartbeat thread's bundle. */
  readonly threadFile: string;
  readonly state: () => WorkerState;
  readonly sandboxRuns: () => boolean;
  /** @throws UserError when the settings name no usable platform. */
  readonly connection: () => PlatformConnection;
  /** The workflow with the tool for the platform that is used now. */
  readonly withTool: (config: WorkflowConfig) => WorkflowConfig;
  /** Longest wait for one answer of the platform, retries included, milliseconds. */
  readonly platformMs?: number;
}
