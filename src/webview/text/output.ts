import { tame } from "./tame";

const escape = "\u001b";
const bell = "\u0007";
/** Sequences of terminals: CSI (colours, cursor), OSC (titles, links), then the short ones. */
const sequences = [
  new RegExp(`${escape}\\[[0-?]*[ -/]*[@-~]`, "gu"),
  new RegExp(`${escape}\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?`, "gu"),
  new RegExp(`${escape}[ -/]*[0-~]?`, "gu"),
];

/** What a command printed, as it stood on the screen in the end: no colours, and of a line that was written over its last state. */
export function plainOutput(output: string): string {
  const text = sequences.reduce((rest, one) => rest.replace(one, ""), output).replaceAll("\r\n", "\n");
  const lines = text.split("\n").map((line) => {
    const states = line.split("\r").filter((state) => state !== "");
    return states.at(-1) ?? "";
  });
  return tame(lines.join("\n")).replace(/^\n+/u, "").trimEnd();
}
