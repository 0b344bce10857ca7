import { join } from "node:path";
import type { Disposable } from "../base/disposable";
import { platformOrigin } from "../platform/baseUrl";
import type { PlatformConnection } from "../platform/connection";
import type { Account } from "../platform/oauth/account";
import type { CallbackChoice } from "../platform/oauth/redirects";
import { Connections } from "./connections";
import type { Host } from "./host";
import { learntSecrets } from "./learntSecrets";
import type { MachineServices } from "./machineServices";
import type { SandboxSession } from "./sandboxSession";
import { signInFlow } from "./signIn";
import { storageTrouble } from "./storageTrouble";

/** Which account is used now, and how to sign in to it. */
export interface Accounts extends Disposable {
  readonly onDidChangeSignIn: Connections["onDidChangeSignIn"];
  /** The sandbox's while it runs, else the one of the settings. */
  current(): Account;
  connection(): PlatformConnection;
  connectionOf(account: Account): PlatformConnection;
  /** A callback that the editor's URI handler received. */
  handleUri(query: URLSearchParams): Promise<boolean>;
}

export function openAccounts(host: Host, machine: MachineServices, sandbox: SandboxSession): Accounts {
  const { clock, random, log, redactor, secrets, settings, life } = host;
  const editorCallback: CallbackChoice = {
    mode: "uri",
    scheme: host.uriScheme,
    extensionId: host.extensionId,
  };
  const flow = signInFlow({
    clock,
    log,
    editorCallback,
    browser: host.browser,
    progress: host.signInProgress,
    pendingFolder: join(machine.paths.state, "sign-ins"),
    partsOf: (account) => connections.of(account).signInParts,
    scopes: () => settings().oauth.scopes,
    callback: () =>
      settings().oauth.callback === "uri"
        ? editorCallback
        : { mode: "loopback", port: settings().oauth.loopbackPort },
    sandboxAccount: () => sandbox.account,
  });
  const connections: Connections = new Connections({
    clock,
    random,
    log,
    machine,
    redactor,
    secrets: learntSecrets(secrets, redactor),
    signIn: (account, signal) => flow.signIn(account, signal),
    onStorageTrouble: (step) => host.tellError("sign-in", storageTrouble(step)),
  });
  const current = (): Account =>
    sandbox.account ?? {
      origin: platformOrigin(settings().platform.baseUrl),
      clientId: settings().oauth.clientId,
    };
  return {
    onDidChangeSignIn: connections.onDidChangeSignIn,
    current,
    connection: () => connections.of(current()),
    connectionOf: (account) => connections.of(account),
    handleUri: (query) =>
      flow.handleUri(`${host.uriScheme}://${host.extensionId}/oauth/callback?${query.toString()}`, life),
    dispose: () => connections.dispose(),
  };
}
