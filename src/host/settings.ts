import * as vscode from "vscode";
import * as z from "zod/mini";
import { DisposableStore, type Disposable } from "../base/disposable";
import { Emitter, type Event } from "../base/emitter";
import type { Log } from "../base/log";
import { parseSettings, type SettingProblem, type Settings } from "./settingsSchema";

/** The settings as they are now. A wrong value is told once and the default holds. */
export interface SettingsSource extends Disposable {
  readonly current: Settings;
  readonly onDidChange: Event<Settings>;
  /** Values that are set and cannot be used. */
  readonly problems: readonly SettingProblem[];
  /** True only where the person has switched reduced motion off. */
  readonly motionAllowed: boolean;
  /** The editor's own words on proxies; undefined where it says nothing. */
  readonly network: {
    readonly proxySetting: string | undefined;
    readonly noProxySetting: readonly string[] | undefined;
  };
  /** Keeps the client id for later sign-ins on this machine. */
  saveClientId(clientId: string): Promise<void>;
}

/** @param uri the folder whose settings count; undefined without an open folder. */
export function watchSettings(uri: vscode.Uri | undefined, log: Log): SettingsSource {
  const store = new DisposableStore();
  const changed = store.add(new Emitter<Settings>());
  const told = new Set<string>();
  let found: readonly SettingProblem[] = [];
  const read = (): Settings => {
    const configuration = vscode.workspace.getConfiguration("oneHorizon", uri ?? null);
    const { settings, problems } = parseSettings((name) => configuration.get<unknown>(name));
    found = problems;
    const keys = problems.map((problem) => problem.setting);
    for (const key of told) if (!keys.includes(key)) told.delete(key);
    for (const problem of problems) {
      if (told.has(problem.setting)) continue;
      told.add(problem.setting);
      warn(problem, log);
    }
    return settings;
  };
  let current = read();
  store.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration("oneHorizon", uri)) return;
      const before = JSON.stringify(current);
      current = read();
      if (JSON.stringify(current) !== before) changed.fire(current);
    }),
  );
  return {
    get current() {
      return current;
    },
    get problems() {
      return found;
    },
    get motionAllowed() {
      return vscode.workspace.getConfiguration("workbench").get<unknown>("reduceMotion") === "off";
    },
    get network() {
      const http = vscode.workspace.getConfiguration("http");
      const proxy = z.safeParse(z.string(), http.get<unknown>("proxy"));
      const noProxy = z.safeParse(z.array(z.string()), http.get<unknown>("noProxy"));
      return { proxySetting: proxy.data, noProxySetting: noProxy.data };
    },
    saveClientId: async (clientId) => {
      const configuration = vscode.workspace.getConfiguration("oneHorizon");
      await configuration.update("oauth.clientId", clientId, vscode.ConfigurationTarget.Global);
    },
    onDidChange: changed.event,
    dispose: () => store.dispose(),
  };
}

function warn(problem: SettingProblem, log: Log): void {
  log.warn("a setting has a value that cannot be used", { setting: problem.setting, wanted: problem.wanted });
  const open = vscode.l10n.t("Open Settings");
  const used = problem.used === "" ? vscode.l10n.t("the default") : `“${problem.used}”`;
  vscode.window
    .showWarningMessage(
      vscode.l10n.t(
        "The setting {0} must be {1}. Until then, {2} is used.",
        problem.setting,
        problem.wanted,
        used,
      ),
      open,
    )
    .then(
      async (picked) => {
        if (picked === open) {
          await vscode.commands.executeCommand("workbench.action.openSettings", problem.setting);
        }
      },
      () => log.warn("a warning could not be shown", { setting: problem.setting }),
    );
}
