import type { FromPanel, PanelState, ToPanel } from "../ui/panel/protocol";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: PanelState): void;
};

const fresh: PanelState = { sessionId: "", title: "", draft: "", unfolded: [], readingAt: undefined };
const unfoldedLimit = 200;

/** The other side of the panel, and what the editor keeps for it. */
export class Host {
  readonly #api = acquireVsCodeApi();
  #state: PanelState = stateFrom(this.#api.getState());

  get state(): PanelState {
    return this.#state;
  }

  keep(part: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...part };
    this.#state = { ...this.#state, unfolded: this.#state.unfolded.slice(-unfoldedLimit) };
    this.#api.setState(this.#state);
  }

  send(message: FromPanel): void {
    this.#api.postMessage(message);
  }

  /** Messages from the extension; the webview gets no others, since nothing else can reach its window. */
  listen(take: (message: ToPanel) => void): void {
    window.addEventListener("message", ({ data }: MessageEvent<ToPanel>) => take(data));
  }
}

function stateFrom(value: unknown): PanelState {
  if (typeof value !== "object" || value === null) return fresh;
  const kept = new Map<string, unknown>(Object.entries(value));
  const text = (key: string): string => {
    const found = kept.get(key);
    return typeof found === "string" ? found : "";
  };
  const unfolded = kept.get("unfolded");
  return {
    sessionId: text("sessionId"),
    title: text("title"),
    draft: text("draft"),
    unfolded: Array.isArray(unfolded) ? unfolded.filter((id): id is string => typeof id === "string") : [],
    readingAt: text("readingAt") === "" ? undefined : text("readingAt"),
  };
}
