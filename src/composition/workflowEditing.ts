import { messageOf } from "../base/log";
import type { Disposable } from "../base/disposable";
import type { Host } from "./host";
import type { Owner } from "./owner";
import { workflowLanguage } from "./workflowLanguage";
import { WorkflowWatch } from "./workflowWatch";

/** The workflow file as the editor shows and watches it. */
interface WorkflowEditing extends Disposable {
  readonly language: ReturnType<typeof workflowLanguage>;
  /** The setting, the folder or its trust may have changed. */
  renew(): void;
}

export function workflowEditing(
  host: Host,
  owner: Pick<Owner, "workflowPath">,
  home: string,
): WorkflowEditing {
  const path = (): string | undefined => (host.trusted() ? owner.workflowPath() : undefined);
  const watch = new WorkflowWatch({
    clock: host.clock,
    path,
    watch: host.watchFile,
    onError: (error) =>
      host.log.error("the workflow file could not be followed", { message: messageOf(error) }),
  });
  return {
    language: workflowLanguage({
      home,
      path,
      folder: host.folder,
      setting: () => host.settings().workflow.path,
      onDidChange: watch.onDidChange,
    }),
    renew: () => watch.renew(),
    dispose: () => watch.dispose(),
  };
}
