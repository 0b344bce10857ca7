import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import type { Redactor } from "../base/redaction/redactor";
import type { Questions } from "../core/ports/connection";
import type { SecretStore } from "../core/ports/secrets";
import type { SettingProblem, Settings } from "../host/settingsSchema";
import type { SignInBrowser } from "../platform/oauth/signInFlow";
import type { ConsentRequest } from "../workflow/consent";

/** What the parts need of the editor and the machine, without knowing the editor. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Stands before everything that leaves this process; learns each secret as it comes. */
  readonly redactor: Redactor;
  readonly secrets: SecretStore;
  /** This extension's version. */
  readonly version: string;
  readonly extensionId: string;
  /** The editor's own URI scheme, for example `vscode`. */
  readonly uriScheme: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a bundle that ships with the extension. */
  readonly bundle: (name: "sandbox.js" | "heartbeatThread.js" | "processKeeper.js" | "toolPipe.js") => string;
  /** Path of the opened folder. */
  readonly folder: () => string | undefined;
  readonly trusted: () => boolean;
  /** Tells when the file at an absolute path is made, changed, replaced or removed, by whomever. */
  readonly watchFile: (path: string, onChange: () => void) => Disposable;
  readonly settings: () => Settings;
  /** Values that are set and cannot be used. */
  readonly settingProblems: () => readonly SettingProblem[];
  /** What a report says of the editor. */
  readonly editorFacts: () => readonly { readonly name: string; readonly value: string }[];
  /** The editor's own words on proxies. */
  readonly network: () => {
    readonly proxySetting: string | undefined;
    readonly noProxySetting: readonly string[] | undefined;
  };
  readonly browser: SignInBrowser;
  /** Shows that the browser is waited for, with a way to give up. */
  readonly signInProgress: (task: (signal: AbortSignal) => Promise<void>) => Promise<void>;
  readonly questions: Questions;
  /**
   * @param workflowPath the file that asks, to be shown on demand.
   * @param signal aborts when the question is out of date.
   */
  readonly askConsent: (
    request: ConsentRequest,
    workflowPath: string | undefined,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Tells the person of something that no command of theirs caused. */
  readonly tellError: (what: string, error: unknown) => void;
  /** Aborts when the extension host ends. */
  readonly life: AbortSignal;
}
