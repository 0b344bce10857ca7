import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";
import { Emitter, type Event } from "../base/emitter";
import type { Log } from "../base/log";
import { callbackQuery } from "./callbackQuery";

/** Sign-in answers that reach the editor through its own URI scheme. */
export interface UriCallback extends Disposable {
  /** Fires with the query of `/oauth/callback`; whoever listens checks its `state`. */
  readonly onDidReceive: Event<URLSearchParams>;
}

export function registerUriCallback(log: Log): UriCallback {
  const store = new DisposableStore();
  const received = store.add(new Emitter<URLSearchParams>());
  store.add(
    vscode.window.registerUriHandler({
      handleUri: (uri) => {
        const query = callbackQuery(uri.path, uri.query);
        if (query === undefined) log.warn("an address that is no sign-in callback was ignored");
        else received.fire(query);
      },
    }),
  );
  return { onDidReceive: received.event, dispose: () => store.dispose() };
}
