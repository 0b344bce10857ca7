import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-textarea/index.js";
import type { PanelHeader, ToPanel } from "../ui/panel/protocol";
import { Usage } from "./charts/usage";
import { Composer } from "./composer";
import { el, setText } from "./dom";
import { Header } from "./header/header";
import { Questions } from "./header/questions";
import { Host } from "./host";
import { Plan } from "./plan";
import { Timeline } from "./timeline/timeline";
import { Words } from "./words";

/** The whole panel: each message goes to the parts that it is for. */
class Panel {
  readonly #host = new Host();
  readonly #words = new Words();
  readonly #header = new Header(this.#words, this.#host);
  readonly #questions = new Questions(this.#words, this.#host);
  readonly #plan = new Plan(this.#words);
  readonly #usage = new Usage(this.#words);
  readonly #timeline = new Timeline(this.#words, this.#host);
  readonly #composer = new Composer(this.#words, this.#host);
  readonly #side = el("aside", { class: "side" });
  /** Said to a screen reader when the state changes, or something new is asked. */
  readonly #said = el("p", { class: "unseen", role: "status" });

  start(): void {
    this.#side.append(this.#plan.node, this.#usage.node);
    this.#header.node.append(this.#said);
    document.body.append(
      this.#header.node,
      this.#questions.node,
      // Beside what it answers: at the bottom the editor's notifications would lie over it.
      this.#composer.node,
      this.#side,
      this.#timeline.node,
    );
    this.#arrange();
    this.#timeline.start();
    this.#host.listen((message) => this.#take(message));
    this.#host.send({ kind: "ready" });
  }

  #take(message: ToPanel): void {
    switch (message.kind) {
      case "words":
        this.#words.use(message.words, message.locale);
        this.#retell();
        return;
      case "header":
        this.#show(message.header);
        return;
      case "timeline":
        this.#timeline.replaceAll(message.entries, message.dropped);
        this.#showUsage();
        return;
      case "entries":
        this.#timeline.add(message.entries);
        if (message.entries.some(({ kind }) => kind === "usage")) this.#showUsage();
        return;
      case "sent":
        this.#composer.sent(message.error);
    }
  }

  #show(header: PanelHeader): void {
    const { sessionId, title } = header;
    const { state } = this.#host;
    if (state.sessionId !== sessionId || state.title !== title) this.#host.keep({ sessionId, title });
    this.#header.show(header);
    this.#questions.show(header.questions);
    this.#plan.show(header.plan);
    this.#usage.showTime(header.time);
    this.#composer.show(header.input);
    setText(this.#said, [header.state.text, ...header.questions.map(({ text }) => text)].join(". "));
    this.#arrange();
  }

  #showUsage(): void {
    this.#usage.showUsage(this.#timeline.usage());
    this.#arrange();
  }

  #retell(): void {
    for (const part of [
      this.#header,
      this.#questions,
      this.#plan,
      this.#usage,
      this.#timeline,
      this.#composer,
    ]) {
      part.retell();
    }
    this.#side.setAttribute("aria-label", this.#words.say("About this session"));
  }

  /** A side with nothing in it takes no room. */
  #arrange(): void {
    const empty = [this.#plan.node, this.#usage.node].every(({ hidden }) => hidden !== false);
    this.#side.hidden = empty;
    document.body.classList.toggle("no-side", empty);
  }
}

new Panel().start();
