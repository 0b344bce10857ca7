import { readFileSync } from "node:fs";
import { join } from "node:path";

const place = join(import.meta.dirname, "..", "..", "src", "sandbox", "contract", "contract.md");

/** Chapters of contract.md whose sentences are rules; the rest explains words, or lists what others have. */
const chapters = ["Where wire names live", "Rules (all known unless marked)"];

/** The sentences of the chapters that state rules, in order, each on one line. */
export function contractRules(text: string = readFileSync(place, "utf8")): readonly string[] {
  return text
    .split(/^## /mu)
    .filter((chapter) => chapters.some((name) => chapter.startsWith(`${name}\n`)))
    .flatMap((chapter) => chapter.slice(chapter.indexOf("\n")).split(/\n{2,}/u))
    .map((paragraph) => paragraph.replace(/\s+/gu, " ").trim())
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?]\)?) (?=[A-Z`*0-9])/u))
    .filter((sentence) => sentence !== "" && !isHeading(sentence));
}

function isHeading(sentence: string): boolean {
  return /^\*\*[^*]+\*\*(?: \(assumed\))?\.?$/u.test(sentence);
}
