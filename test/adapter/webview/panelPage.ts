import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import * as z from "zod/mini";
import { panelBundle } from "../../../scripts/panelBundle.mjs";
import { panelHtml } from "../../../src/ui/panel/panelHtml";
import type { FromPanel, ToPanel } from "../../../src/ui/panel/protocol";
import { parseFromPanel } from "../../../src/ui/panel/webviewDoor";
import { openBrowserPage, type BrowserPage } from "../sandbox/browserPage";
import { themes, type ThemeName } from "./themes";

const root = join(__dirname, "../../..");
const nonce = "nonce-of-the-test";

/** In place of the editor: keeps what the panel tells it, and its state over a reload. */
const editor = `
  window.posted = [];
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample);
  });
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
    setState: (state) => sessionStorage.setItem("state", JSON.stringify(state)),
  });
`;

const picture = z.object({ data: z.string() });
const types: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css", ttf: "font/ttf" };

/** The panel as it ships, on the page and under the policy that the extension gives it, in a real browser. */
export class PanelPage {
  readonly page: BrowserPage;
  readonly #server: Server;
  readonly #address: string;

  private constructor(page: BrowserPage, server: Server, address: string) {
    this.page = page;
    this.#server = server;
    this.#address = address;
  }

  static async start(): Promise<PanelPage> {
    const files = await bundled();
    const server = createServer((request, response) => {
      const name = (request.url ?? "/").slice(1).replace(/\?.*/u, "");
      const file = files.get(name);
      const type = file === undefined ? "text/html; charset=utf-8" : types[name.split(".").at(-1) ?? ""];
      response.setHeader("content-type", type ?? "application/octet-stream");
      response.end(file ?? html(`http://${request.headers.host ?? ""}`));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const bound = server.address();
    const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
    const page = await openBrowserPage();
    // Also after the Tab key has led out of it.
    await page.command("Emulation.setFocusEmulationEnabled", { enabled: true });
    await page.command("Emulation.setTimezoneOverride", { timezoneId: "UTC" });
    await page.command("Page.addScriptToEvaluateOnNewDocument", { source: editor });
    return new PanelPage(page, server, `http://127.0.0.1:${port}/`);
  }

  /** A panel of its own, with what the editor kept of an earlier one only after `reload`. */
  async open(theme: ThemeName, width: number): Promise<void> {
    await this.size(width, 900);
    await this.page.open(this.#address);
    await this.page.until("document.readyState === 'complete' && window.posted?.length > 0");
    await this.page.evaluate("sessionStorage.clear()");
    await this.reload(theme);
  }

  async reload(theme: ThemeName): Promise<void> {
    await this.page.evaluate("window.old = true");
    await this.page.command("Page.reload");
    await this.page.until("window.old === undefined && window.posted?.length > 0");
    const { bodyClass, colors } = themes[theme];
    await this.page.evaluate(`(() => {
      const colors = ${JSON.stringify(colors)};
      for (const [name, value] of Object.entries(colors)) {
        document.documentElement.style.setProperty("--vscode-" + name, value);
      }
      document.body.classList.add(${JSON.stringify(bodyClass)});
    })()`);
    await this.page.evaluate("document.fonts.ready.then(() => true)");
  }

  async size(width: number, height: number): Promise<void> {
    await this.page.command("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  /** From the extension. Returns once the page has drawn it. */
  async tell(...messages: readonly ToPanel[]): Promise<void> {
    for (const message of messages) {
      await this.page.evaluate(`window.postMessage(${JSON.stringify(message)}, "*")`);
    }
    await this.settled();
  }

  /** Two frames later: everything is laid out, measured and drawn. */
  async settled(): Promise<void> {
    const frame = "new Promise((resolve) => requestAnimationFrame(() => resolve(true)))";
    for (let count = 0; count < 4; count += 1) await this.page.evaluate(frame);
  }

  /** What the panel told the extension since the last time, each as the extension's own door takes it. */
  async told(): Promise<readonly FromPanel[]> {
    const posted = z.array(z.unknown()).parse(await this.page.evaluate("window.posted.splice(0)"));
    return posted.map((message) => {
      const parsed = parseFromPanel(message);
      if (parsed === undefined) throw new Error(`the extension refuses ${JSON.stringify(message)}`);
      return parsed;
    });
  }

  async press(key: string, modifiers = 0): Promise<void> {
    const [code, text] = keys[key] ?? [0];
    const params = {
      key,
      code: key,
      windowsVirtualKeyCode: code,
      modifiers,
      ...(text === undefined ? {} : { text }),
    };
    await this.page.command("Input.dispatchKeyEvent", { ...params, type: "keyDown" });
    await this.page.command("Input.dispatchKeyEvent", { ...params, type: "keyUp" });
    await this.settled();
  }

  /** Scrolls with the wheel, as people do. Returns when the list stands still again. */
  async wheel(deltaY: number): Promise<void> {
    await this.page.evaluate(`window.still = false;
      document.addEventListener("scrollend", () => (window.still = true), { capture: true, once: true }); true`);
    await this.page.command("Input.dispatchMouseEvent", {
      type: "mouseWheel",
      x: 600,
      y: 500,
      deltaX: 0,
      deltaY,
    });
    await this.page.until("window.still");
    await this.settled();
  }

  async type(text: string): Promise<void> {
    await this.page.command("Input.insertText", { text });
    await this.settled();
  }

  /** Where ONE_HORIZON_PICTURES names a folder. */
  async picture(name: string): Promise<void> {
    const folder = process.env["ONE_HORIZON_PICTURES"];
    if (folder === undefined) return;
    const { data } = picture.parse(await this.page.command("Page.captureScreenshot", { format: "png" }));
    const file = join(folder, "webview", `${name}.png`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.from(data, "base64"));
  }

  /** Broken rules of accessibility, each with the place; empty when all is well. */
  async axe(): Promise<readonly string[]> {
    await this.page.evaluate(`window.axe === undefined && ${axeSource()}; true`);
    return z.array(z.string()).parse(
      await this.page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
          id + " " + JSON.stringify(target) + " " + failureSummary)))`),
    );
  }

  async violations(): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.page.evaluate("window.violations"));
  }

  async close(): Promise<void> {
    await this.page.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const keys: Readonly<Record<string, readonly [number, string?]>> = {
  Enter: [13, "\r"],
  Tab: [9],
  Escape: [27],
  ArrowLeft: [37],
  ArrowUp: [38],
  ArrowRight: [39],
  ArrowDown: [40],
  Home: [36],
  End: [35],
};

function html(source: string): string {
  return panelHtml({
    language: "en",
    title: "Session",
    cspSource: source,
    nonce,
    script: `${source}/panel.js`,
    style: `${source}/panel.css`,
  });
}

/** The bundle as it ships, built anew so that it is never an older one. */
async function bundled(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({ ...panelBundle(true), write: false });
  return new Map(outputFiles.map(({ path, contents }) => [path.split("/").at(-1) ?? "", contents]));
}

let axe: string | undefined;
function axeSource(): string {
  axe ??= readFileSync(join(root, "test/host/node_modules/axe-core/axe.min.js"), "utf8");
  return `(() => { ${axe} })()`;
}
