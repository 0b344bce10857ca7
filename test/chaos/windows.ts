import { waitUntil, type EditorUnderTest, type Workbench } from "../host/harness/harness.mjs";
import { hostsOf, processesOf } from "./processTable";

interface Window {
  readonly workbench: Workbench;
  host: number;
}

/** The windows of the run, each with the extension host that serves it. */
export class Windows {
  readonly #home: string;
  readonly #windows: Window[] = [];

  private constructor(home: string) {
    this.#home = home;
  }

  /** @param count windows on the one folder; the editor's first one is open already */
  static async open(editor: EditorUnderTest, count: number): Promise<Windows> {
    const windows = new Windows(editor.world.folders.home);
    const [first] = windows.#hosts();
    if (first === undefined) throw new Error("the first window has no extension host");
    windows.#windows.push({ workbench: editor.window, host: first });
    while (windows.#windows.length < count) {
      const before = windows.#hosts();
      const workbench = await editor.openWindow();
      windows.#windows.push({ workbench, host: await windows.#newHost(before) });
    }
    return windows;
  }

  /** The windows themselves, for a look. */
  get workbenches(): readonly Workbench[] {
    return this.#windows.map((one) => one.workbench);
  }

  /** Reloads the window whose host was killed: the editor gives up a host that ends often. */
  async reload(deadHost: number): Promise<void> {
    const window = this.#windows.find((one) => one.host === deadHost);
    // A host that the editor started anew by itself, between a kill and the reload after it, belongs to no window for long.
    if (window === undefined) return;
    const before = this.#hosts();
    await window.workbench.reload();
    window.host = await this.#newHost(before);
  }

  #hosts(): readonly number[] {
    return hostsOf(processesOf(this.#home)).map((one) => one.pid);
  }

  #newHost(before: readonly number[]): Promise<number> {
    return waitUntil(
      "the window has an extension host of its own",
      () => this.#hosts().findLast((pid) => !before.includes(pid)),
      20_000,
    );
  }
}
