// Types of harness.mjs. Without Playwright's own types, so that the type check needs no heavy package.
import type { DashboardState } from "../../../src/sandbox/dashboard/stateView";

export type TreeRow = {
  readonly level: number;
  readonly expanded: string | null;
  readonly label: string;
  readonly description: string;
  readonly text: string;
  readonly spoken: string;
};

export type StatusItem = {
  readonly id: string;
  readonly text: string;
  readonly spoken: string;
  readonly classes: string;
};

export type ThemeName = "light" | "dark" | "high-contrast" | "high-contrast-light";

/** One window of the editor. Every wait ends with an error that names what was waited for. */
export interface Workbench {
  ready(): Promise<void>;
  /** By the title in the palette, "One Horizon: Sign In". */
  runCommand(title: string): Promise<void>;
  runCommandId(id: string): Promise<void>;
  /** What the palette offers for this text. */
  paletteRows(text: string): Promise<string[]>;
  quickPickRows(): Promise<string[]>;
  pick(text: string): Promise<void>;
  /** Rows of a quick pick that takes several. */
  pickBoxes(): Promise<{ readonly text: string; readonly ticked: boolean }[]>;
  acceptPicks(): Promise<void>;
  answerInput(text: string, prompt?: string): Promise<void>;
  notifications(): Promise<string[]>;
  /** Returns the notification's text. Without a button it only waits. */
  answerNotification(text: string, button?: string, timeoutMs?: number): Promise<string>;
  clearNotifications(): Promise<void>;
  answerDialog(text: string, button: string): Promise<void>;
  openContainer(title: string): Promise<void>;
  treeRows(within?: string): Promise<TreeRow[]>;
  waitForTreeRow(what: string, accept: (row: TreeRow) => boolean, timeoutMs?: number): Promise<TreeRow>;
  treeAction(rowText: string, action: string): Promise<void>;
  treeMenu(rowText: string, entry: string): Promise<void>;
  expandRow(rowText: string): Promise<void>;
  clickRow(rowText: string): Promise<void>;
  welcome(): Promise<{ readonly text: string; readonly buttons: string[] }>;
  pressWelcome(button: string): Promise<void>;
  /** What can be read in the pages that lie in tabs, such as a preview of Markdown. */
  webviewTexts(): Promise<readonly string[]>;
  openWalkthrough(title: string): Promise<void>;
  walkthroughSteps(): Promise<
    {
      readonly title: string;
      readonly done: boolean;
      readonly open: boolean;
      readonly buttons: readonly string[];
    }[]
  >;
  openWalkthroughStep(title: string): Promise<void>;
  statusItems(): Promise<StatusItem[]>;
  waitForStatus(what: string, accept: (item: StatusItem) => boolean, timeoutMs?: number): Promise<StatusItem>;
  readonly panel: PanelPage;
  readonly tree: TreePage;
  /** Rests the mouse on the worker's item in the status bar and gives its card as it is read; it stays open. */
  statusCard(): Promise<string>;
  /** Follows a link of the worker's card. */
  followCardLink(label: string): Promise<void>;
  /** Clicks the worker's item in the status bar and waits for its menu. */
  openWorkerMenu(): Promise<void>;
  quickPick(): Promise<{
    readonly title: string;
    readonly headings: string[];
    readonly rows: string[];
    readonly hasBack: boolean;
  }>;
  /** Presses the arrow of a quick pick that has a way back. */
  goBack(): Promise<void>;
  /** The part of the window that the keyboard is in: editor, sidebar, statusbar …; undefined outside of all. */
  focusedPart(): Promise<string | undefined>;
  /** As a person who goes to another program, or comes back. */
  lookAway(away?: boolean): Promise<void>;
  /** Counts from now on how often the worker's item changes its colour; the result tells how often. */
  countPulses(): Promise<() => Promise<number>>;
  /** What stands in the title bar of a view of the sidebar. */
  viewTitle(title: string): Promise<string>;
  /** Names of the editor's tabs, its headings and the text drawn in it. */
  editorText(): Promise<string>;
  /** What the tab in front is called; empty where none is open. */
  activeTab(): Promise<string>;
  squiggles(): Promise<{ readonly errors: number; readonly warnings: number }>;
  /** Rests the mouse on a text of the open editor until what is told of it is like that. */
  untilToldOver(text: string, wanted: RegExp): Promise<void>;
  /** Until the open editor offers this, before all else, at "line:column", both from 1. */
  untilOfferedAt(place: string, wanted: readonly string[]): Promise<void>;
  trustFolder(): Promise<void>;
  theme(name: ThemeName): Promise<void>;
  /** Before all other windows: keys reach no page behind another. */
  front(): Promise<void>;
  /** The folder that the window was opened on. */
  folder(): string | null;
  /** Drags the sidebar's edge, so that rows are read whole. */
  widenSidebar(): Promise<void>;
  /** Keys as Playwright names them, "Control+Space". */
  press(keys: string): Promise<void>;
  screenshot(path: string, selector?: string): Promise<void>;
  reload(): Promise<void>;
  /** As a person who closes the tab: the window's extension host ends. */
  leave(): Promise<void>;
  /** The tab is gone without a word to the server: the window's extension host lives on. */
  close(): Promise<void>;
}

/** The sessions view beyond its rows. */
export interface TreePage {
  /** Labels of the rows that are selected and drawn. */
  selected(): Promise<string[]>;
  /** Types into the tree's own search; the keyboard must be in the tree. */
  find(text: string): Promise<void>;
  /** What the tree's own search marks in labels. */
  found(): Promise<string[]>;
  endFind(): Promise<void>;
  selectAlso(label: string): Promise<void>;
  /** What stands above the rows; empty without a message. */
  message(): Promise<string>;
  /** What the card says that comes when the mouse rests on a row, once it says `word`. */
  card(label: string, word: string): Promise<string>;
  /** Types into whatever has the keyboard. */
  type(text: string): Promise<void>;
}

/** The page of the session's panel that is in front. */
export interface PanelPage {
  /** What can be read on it; empty while there is none. */
  text(): Promise<string>;
  /** Resolves with the text once it is so. */
  waitForText(what: string, accept: (text: string) => boolean, timeoutMs?: number): Promise<string>;
  /** Presses a button by its name. */
  press(name: string): Promise<void>;
  /** Names of the buttons that can be seen. */
  buttons(): Promise<string[]>;
  /** Writes into the box. */
  write(text: string): Promise<void>;
  /** What the keyboard is in: the text, label or kind of the element; undefined while it is not in the panel. */
  focused(): Promise<string | undefined>;
  /** What axe-core finds wrong with it, one line each. */
  axe(): Promise<string[]>;
}

/** The sandbox platform's own page, in a browser of its own that ends with `page.close()`. */
export interface Dashboard {
  readonly page: BrowserPage;
  picture(path: string, look: "light" | "dark" | "high-contrast"): Promise<void>;
}

/** All that the dashboard shows. */
export type SandboxState = DashboardState;
export type SandboxWorker = SandboxState["workers"][number];
export type SandboxSession = SandboxState["sessions"][number];

/** One request that reached the platform; nothing in it is a token. */
export type SandboxRequest = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly operationId?: string;
  readonly status: number | null;
  readonly body?: unknown;
  readonly answer?: unknown;
};

/** A page that the editor opened. */
export interface BrowserPage {
  url(): string;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface Sandbox {
  readonly baseUrl: string;
  readonly dashboardUrl: string;
  readonly dashboardToken: string;
  readonly modelBaseUrl: string;
  readonly clientId: string;
  state(): Promise<SandboxState>;
  /** Calls `/sandbox/api/<path>`. */
  dashboard(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown>;
  queue(session: {
    readonly title: string;
    readonly prompt: string;
  }): Promise<{ readonly session: SandboxSession }>;
  log(): string;
  /** Leader of its process group. */
  readonly pid: number;
  stop(): Promise<void>;
  /** Starts it anew, on the same data and the same ports, once this one has ended. */
  again(): Promise<Sandbox>;
}

/** Starts a platform with a scripted model of its own. */
export function startSandbox(options: {
  readonly dataDir: string;
  readonly env: Record<string, string>;
  readonly args?: string[];
}): Promise<Sandbox>;

/** Lets codex talk to this model only. */
export function writeCodexHome(folder: string, modelBaseUrl: string): Promise<void>;

export interface EditorUnderTest {
  readonly world: {
    readonly folders: {
      readonly root: string;
      readonly home: string;
      readonly work: string;
      readonly tmp: string;
      readonly bin: string;
      readonly userData: string;
    };
    readonly repository: { readonly folder: string; readonly origin: string };
    readonly sandbox: Sandbox;
    /** Once it has ended: starts it anew, on its data and its address, and keeps it as this world's. */
    restartSandbox(): Promise<Sandbox>;
    readonly env: Record<string, string>;
  };
  readonly server: {
    readonly url: string;
    readonly port: number;
    readonly pid: number;
    log(): string;
    writeUserSettings(settings: Record<string, unknown>): Promise<void>;
  };
  /** The first window, or the one that took its place. */
  readonly window: Workbench;
  /** The first window is closed; from now on `window` is this one. */
  replaceWindow(window: Workbench): void;
  /** `language`: of the extension's texts, where it has a bundle for it. */
  openWindow(folder?: string, more?: { readonly language?: string }): Promise<Workbench>;
  /** The window that the editor itself opens while something is done in another one. */
  windowOpenedBy(act: () => Promise<void>): Promise<Workbench>;
  openDashboard(): Promise<Dashboard>;
  /** A page that asks for the one origin gets to the other: a person's browser may know a way that this machine does not. */
  sendPages(fromOrigin: string, toOrigin: string): Promise<void>;
  /** From the next load of a page on, the editor's secret storage answers nobody, until the result is called. */
  holdSecrets(): Promise<() => Promise<void>>;
  /** git in the repository, with the run's environment. */
  git(...args: string[]): Promise<string>;
  /** Programs whose HOME is this run's: server, extension hosts and what the worker started. Waits up to `graceMs` for none. */
  processes(graceMs?: number): Promise<{ readonly pid: number; readonly command: string }[]>;
  quit(): Promise<unknown>;
  close(): Promise<void>;
}

export function launchEditor(options: {
  /** Short, for the folder's name. */
  readonly name: string;
  /** Further files of the repository's first commit. */
  readonly files?: Record<string, string>;
  readonly machineSettings?: Record<string, unknown>;
  readonly userSettings?: Record<string, unknown>;
  readonly sandboxArgs?: string[];
  readonly environment?: Record<string, string>;
  /** Workspace trust as a person has it; off by default. */
  readonly trust?: boolean;
  readonly vsix?: string;
  /** Installed beside it. */
  readonly furtherVsix?: readonly string[];
  /** Of the extensions' texts, where they have them: `qps-ploc`. Default English. */
  readonly language?: string;
  /** Gets the folder that the extensions are installed in, before the first window opens. */
  readonly prepareExtensions?: (folder: string) => Promise<void>;
  /** Gets every page that the editor opens; default `allowSignIn`. */
  readonly onPopup?: (page: BrowserPage) => Promise<void>;
}): Promise<EditorUnderTest>;

/** The person at the platform's sign-in page: presses the button, waits for the callback, closes the page. */
export function allowSignIn(page: BrowserPage): Promise<void>;
export function denySignIn(page: BrowserPage): Promise<void>;

/** Cleans up everything that the harness started, also when a signal came first, and ends this process. */
export function exitWith(code: number): Promise<never>;

/** A port of 127.0.0.1 that stays free until it is used. */
export function freePort(): Promise<number>;

/** Polls for a true-ish answer; rejects naming `what`. */
export function waitUntil<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs?: number,
  everyMs?: number,
): Promise<NonNullable<T>>;
