import { drawMarkdown } from "../markdown/draw";
import { markdownTree } from "../markdown/tree";
import { el, icon, setText } from "../dom";
import { plainOutput } from "../text/output";
import { tame, tameLine } from "../text/tame";
import type { RowDoor } from "./door";
import { head } from "./head";
import type { ShownEntry } from "./model";
import {
  changeWord,
  duration,
  fewFiles,
  filesHeading,
  folds,
  headOfReasoning,
  outcome,
  questionState,
  restOfReasoning,
} from "./summary";

type Of<K extends ShownEntry["kind"]> = Extract<ShownEntry, { kind: K }>;

interface Drawn {
  readonly nodes: readonly Node[];
  /** A class for the row. */
  readonly look: string;
  readonly clock?: ((now: number) => void) | undefined;
}

/** What stands right of an entry's time. */
export function drawEntry(entry: ShownEntry, door: RowDoor, toggle: () => void): Drawn {
  switch (entry.kind) {
    case "command":
      return drawCommand(entry, door, toggle);
    case "message":
      return drawMessage(entry, door);
    case "reasoning":
      return drawReasoning(entry, door, toggle);
    case "files":
      return drawFiles(entry, door, toggle);
    case "activity":
      return drawActivity(entry, door);
    case "question":
      return drawQuestion(entry, door);
    case "worker":
      return drawWorker(entry);
  }
}

function drawCommand(entry: Of<"command">, door: RowDoor, toggle: () => void): Drawn {
  const { words } = door;
  const unfolded = door.isUnfolded(entry.id) && folds(entry);
  const took = el("span", { class: "took" }, duration(entry, Date.now(), words) ?? "");
  const word = outcome(entry, words);
  const line = head({
    symbol: commandSymbol(entry),
    body: el("code", { class: "line" }, tameLine(entry.command)),
    meta: [
      ...(word === "" || entry.status === "running" ? [] : [el("span", { class: "outcome" }, word)]),
      took,
    ],
    unfolded: folds(entry) ? unfolded : undefined,
    toggle,
  });
  const clock = (now: number): void => setText(took, duration(entry, now, words) ?? "");
  return {
    nodes: unfolded ? [line, commandDetails(entry, door)] : [line],
    look: entry.status,
    clock: entry.status === "running" ? clock : undefined,
  };
}

function commandSymbol({ status }: Of<"command">): Node {
  switch (status) {
    case "running":
      return icon("loading", "spin");
    case "succeeded":
      return icon("terminal");
    case "failed":
      return icon("error");
    case "ended":
      return icon("circle-slash");
  }
}

function commandDetails(entry: Of<"command">, door: RowDoor): Node {
  const { words } = door;
  const output = plainOutput(entry.outputTail);
  const copy = (label: string, text: string, name: string): Node => {
    const button = el("button", { class: "small ctl", type: "button", tabindex: "-1", "data-name": name });
    button.append(icon("copy"), label);
    button.addEventListener("click", () => door.copy(text));
    return button;
  };
  const none = el("p", { class: "none" }, words.say("No output."));
  const printed = el("div", { class: "output ctl", tabindex: "-1", role: "group", "data-name": "output" });
  printed.setAttribute("aria-label", words.say("Output"));
  printed.append(el("pre", {}, output));
  return el(
    "div",
    { class: "details" },
    el("pre", { class: "whole" }, tame(entry.command)),
    output === "" ? (entry.status === "running" ? undefined : none) : printed,
    el(
      "div",
      { class: "tools" },
      copy(words.say("Copy command"), entry.command, "copy command"),
      output === "" ? undefined : copy(words.say("Copy output"), output, "copy output"),
    ),
  );
}

function drawMessage(entry: Of<"message">, door: RowDoor): Drawn {
  const words = drawMarkdown(markdownTree(entry.text), (url) => door.openLink(url));
  const caption = entry.final ? el("p", { class: "caption" }, door.words.say("Final message")) : undefined;
  const body = el("div", { class: "body markdown" }, caption, ...words);
  return {
    nodes: [lead(icon(entry.final ? "comment-discussion" : "comment"), body)],
    look: entry.final ? "final" : "",
  };
}

/** What the platform was told is Markdown there too. */
function drawActivity(entry: Of<"activity">, door: RowDoor): Drawn {
  const words = drawMarkdown(markdownTree(entry.text), (url) => door.openLink(url));
  return { nodes: [lead(icon("megaphone"), el("div", { class: "body markdown" }, ...words))], look: "" };
}

function drawReasoning(entry: Of<"reasoning">, door: RowDoor, toggle: () => void): Drawn {
  const foldable = folds(entry);
  const unfolded = foldable && door.isUnfolded(entry.id);
  const line = head({
    symbol: icon("lightbulb"),
    body: el("span", { class: "line" }, headOfReasoning(entry.text)),
    meta: [],
    unfolded: foldable ? unfolded : undefined,
    toggle,
  });
  if (!unfolded) return { nodes: [line], look: "" };
  const rest = drawMarkdown(markdownTree(restOfReasoning(entry.text)), (url) => door.openLink(url));
  return { nodes: [line, el("div", { class: "details markdown" }, ...rest)], look: "" };
}

function drawFiles(entry: Of<"files">, door: RowDoor, toggle: () => void): Drawn {
  const list = el(
    "ul",
    { class: "files" },
    ...entry.files.map((file) => el("li", {}, fileButton(file, door))),
  );
  if (entry.files.length <= fewFiles) {
    return { nodes: [lead(icon("edit"), el("div", { class: "body" }, list))], look: "" };
  }
  const unfolded = door.isUnfolded(entry.id);
  const line = head({
    symbol: icon("edit"),
    body: el("span", { class: "line" }, filesHeading(entry, door.words)),
    meta: [],
    unfolded,
    toggle,
  });
  return { nodes: unfolded ? [line, el("div", { class: "details" }, list)] : [line], look: "" };
}

const changeIcons = { add: "diff-added", update: "diff-modified", delete: "diff-removed" } as const;

function fileButton({ path, change }: Of<"files">["files"][number], door: RowDoor): Node {
  const shown = tameLine(path);
  const cut = Math.max(shown.lastIndexOf("/"), shown.lastIndexOf("\\")) + 1;
  const button = el("button", {
    class: `file ctl ${change}`,
    type: "button",
    tabindex: "-1",
    title: shown,
    "data-name": `file ${CSS.escape(path)}`,
    "aria-label": `${shown}, ${door.words.say(changeWord(change))}`,
  });
  button.append(
    icon(changeIcons[change]),
    el("span", { class: "folder" }, shown.slice(0, cut)),
    el("span", { class: "name" }, shown.slice(cut)),
  );
  button.addEventListener("click", () => door.openFile(path));
  return button;
}

function drawQuestion(entry: Of<"question">, door: RowDoor): Drawn {
  const answer = entry.status === "answered" ? entry.answer : undefined;
  const state =
    answer === undefined
      ? el("p", { class: "note" }, questionState(entry, door.words))
      : el("p", { class: "answer" }, icon("reply"), el("span", {}, tame(answer)));
  const body = el("div", { class: "body" }, el("p", { class: "words" }, tame(entry.text)), state);
  return {
    nodes: [lead(icon(entry.status === "open" ? "comment-unresolved" : "comment"), body)],
    look: entry.status,
  };
}

function drawWorker(entry: Of<"worker">): Drawn {
  const name = { info: "circle-small-filled", warning: "warning", error: "error" }[entry.level];
  const body = el("div", { class: "body" }, el("p", { class: "words" }, tame(entry.text)));
  return { nodes: [lead(icon(name), body)], look: entry.level };
}

function lead(mark: Node, body: Node): Node {
  return el("div", { class: "lead" }, el("span", { class: "symbol" }, mark), body);
}
