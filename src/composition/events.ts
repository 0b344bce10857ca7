import { DisposableStore, type Disposable } from "../base/disposable";
import type { Event } from "../base/emitter";
import { messageOf } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { Composition } from "./compose";
import type { Host } from "./host";
import { workflowPath } from "./workflowPath";

export interface OutsideEvents {
  /** Folders were opened or closed, or trust was granted. */
  readonly onDidChangeWorkspace: Event<unknown>;
  readonly onDidChangeSettings: Event<unknown>;
  /** Paths of files that were saved in the editor. */
  readonly onDidSave: Event<string>;
  /** The workflow file was changed, by whomever, or it is another one. */
  readonly onDidChangeWorkflow: Event<void>;
}

/** Lets what happens outside reach the controller. */
export function followEvents(host: Host, parts: Composition, outside: OutsideEvents): Disposable {
  const { controller, accounts, sandbox } = parts;
  const owned = new DisposableStore();
  const inBackground = (what: string, task: () => Promise<unknown>): void => {
    task().catch((error: unknown) => {
      if (!host.life.aborted) host.log.error(what, { message: messageOf(error) });
    });
  };
  const reconnect = (): void =>
    inBackground("the connection could not be changed", () => controller.reconnect());
  owned.add(
    outside.onDidChangeWorkspace(() =>
      inBackground("the worker could not be brought up", () => controller.refresh()),
    ),
  );
  owned.add(
    accounts.onDidChangeSignIn(() =>
      inBackground("the account could not be checked", () => controller.checkAccount()),
    ),
  );
  owned.add(
    sandbox.onDidEnd(() => {
      host.tellError(
        "sandbox",
        new UserError(
          say(
            "The sandbox ended by itself, and its sessions stopped with it. Their worktrees are kept. Start the sandbox again to go on.",
          ),
        ),
      );
      reconnect();
    }),
  );
  owned.add(
    outside.onDidSave((path) => {
      if (path === workflowPath(host)) controller.pollNow();
    }),
  );
  owned.add(outside.onDidChangeWorkflow(() => controller.pollNow()));
  let shown = accountText(parts);
  owned.add(
    outside.onDidChangeSettings(() => {
      const now = accountText(parts);
      if (now === shown) controller.pollNow();
      else reconnect();
      shown = now;
    }),
  );
  return owned;
}

/** One text per account; the settings may name none that can be used. */
function accountText({ accounts }: Composition): string {
  try {
    return JSON.stringify(accounts.current());
  } catch (error) {
    return messageOf(error);
  }
}
