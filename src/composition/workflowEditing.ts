import { messageOf } from "../base/log";
import type { Disposable } from "../base/disposable";
import type { Event } from "../base/emitter";
import type { Host } from "./host";
import type { LanguageOptions, WorkflowLanguage } from "./workflowLanguage";
import { workflowPath } from "./workflowPath";
import { WorkflowWatch } from "./workflowWatch";

/** What the editor can say of the workflow file; who reads YAML is loaded when the file is first looked at. */
interface LaterLanguage extends WorkflowLanguage {
  path(): string | undefined;
  readonly onDidChange: Event<void>;
}

/** The workflow file as the editor shows and watches it. */
interface WorkflowEditing extends Disposable {
  readonly language: LaterLanguage;
  /** The setting, the folder or its trust may have changed. */
  renew(): void;
}

export function workflowEditing(host: Host, home: string): WorkflowEditing {
  const path = (): string | undefined => (host.trusted() ? workflowPath(host) : undefined);
  const watch = new WorkflowWatch({
    clock: host.clock,
    path,
    watch: host.watchFile,
    onError: (error) =>
      host.log.error("the workflow file could not be followed", { message: messageOf(error) }),
  });
  const options = { home, folder: host.folder, setting: () => host.settings().workflow.path };
  return {
    language: { ...languageLater(options), path, onDidChange: watch.onDidChange },
    renew: () => watch.renew(),
    dispose: () => watch.dispose(),
  };
}

function languageLater(options: LanguageOptions): WorkflowLanguage {
  const loaded = async (): Promise<WorkflowLanguage> => {
    const { workflowLanguage } = await import("./workflowLanguage");
    return workflowLanguage(options);
  };
  return {
    marks: async (...given) => await (await loaded()).marks(...given),
    keyAt: async (...given) => await (await loaded()).keyAt(...given),
    completionsAt: async (...given) => await (await loaded()).completionsAt(...given),
  };
}
