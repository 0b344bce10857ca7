import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { Account } from "../platform/oauth/account";
import { PendingSignIns } from "../platform/oauth/pendingSignIns";
import type { CallbackChoice } from "../platform/oauth/redirects";
import { SignInFlow, type SignInBrowser, type SignInParts } from "../platform/oauth/signInFlow";
import { allowInSandbox } from "./sandboxSignIn";

export interface SignInOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Folder for sign-ins that wait for the browser. */
  readonly pendingFolder: string;
  readonly browser: SignInBrowser;
  readonly partsOf: (account: Account) => SignInParts;
  readonly scopes: () => string;
  /** How the browser hands the sign-in back. */
  readonly callback: () => CallbackChoice;
  /** The editor's own address, used with the sandbox: no browser and no port is needed there. */
  readonly editorCallback: CallbackChoice;
  /** The account of the sandbox while it runs. */
  readonly sandboxAccount: () => Account | undefined;
  /** Shows that the browser is waited for, and lets the person give up: then the signal aborts. */
  readonly progress: (task: (signal: AbortSignal) => Promise<void>) => Promise<void>;
}

/** Signs in to an account: in the browser, or within this extension where the platform is our own sandbox. */
export function signInFlow(options: SignInOptions): {
  signIn(account: Account, signal: AbortSignal): Promise<void>;
  handleUri(address: string, signal: AbortSignal): Promise<boolean>;
} {
  const { clock, log, browser, partsOf } = options;
  const pending = new PendingSignIns(options.pendingFolder, clock);
  const flow = new SignInFlow({ clock, log, pending, browser, partsOf });
  const inside: SignInFlow = new SignInFlow({
    clock,
    log,
    pending,
    partsOf,
    browser: sandboxBrowser((): SignInFlow => inside, log),
  });
  const latest = new Latest();
  return {
    signIn: async (account, signal) => {
      const sandbox = options.sandboxAccount();
      if (sandbox?.origin === account.origin && sandbox.clientId === account.clientId) {
        await inside.signIn({ account, scopes: options.scopes(), callback: options.editorCallback }, signal);
        return;
      }
      await latest.run(signal, (own) =>
        options.progress(async (given) => {
          const callback = options.callback();
          await flow.signIn({ account, scopes: options.scopes(), callback }, AbortSignal.any([own, given]));
        }),
      );
    },
    handleUri: (address, signal) => flow.handleUri(address, signal),
  };
}

/** One sign-in at a time: a person who closed the browser's tab and tries again means the new one. */
class Latest {
  #abort: LinkedAbort | undefined;
  #done: Promise<void> = Promise.resolve();

  async run(signal: AbortSignal, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#abort?.abort(
      new UserError(say("A newer sign-in took the place of this one. Nothing was changed.")),
    );
    const before = this.#done;
    const own = new LinkedAbort(signal);
    this.#abort = own;
    // The one before holds the callback's port until it has ended.
    const mine = before.then(() => task(own.signal));
    this.#done = mine.then(
      () => undefined,
      () => undefined,
    );
    try {
      await mine;
    } finally {
      own.dispose();
      if (this.#abort === own) this.#abort = undefined;
    }
  }
}

/** Answers the sandbox's page at once and brings its answer back. */
function sandboxBrowser(flow: () => SignInFlow, log: Log): SignInBrowser {
  return {
    open: async (address) => {
      const callback = await allowInSandbox(address);
      // Not awaited: the flow begins to wait for the callback only after the page counts as opened.
      setImmediate(() => {
        flow()
          .handleUri(callback, AbortSignal.timeout(30_000))
          .catch((error: unknown) =>
            log.error("the sandbox's sign-in failed", { message: messageOf(error) }),
          );
      });
      return true;
    },
    externalAddress: (address) => Promise.resolve(address),
    askForAddress: () => Promise.resolve(undefined),
  };
}
