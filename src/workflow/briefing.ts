import type { InputFile } from "../core/work";
import { bounded, code, fenced, plainText } from "./untrustedText";

/** Lengths in UTF-16 units. */
export const briefingLimits = {
  /** All blocks together. */
  total: 300_000,
  /** One text that is given as a file, and how many such files there are at most. */
  file: 2_000_000,
  files: 200,
} as const;

/** A text that others wrote, with a label of ours. */
export interface Part {
  readonly label: string;
  readonly text: string | undefined;
  /** The most that stands in the input itself. */
  readonly limit: number;
  /** The name of the file that has all of it where it is longer; without an ending. */
  readonly file: string;
  /** A short name, for what a later turn has to know. */
  readonly key?: string | undefined;
}

/**
 * Labelled, fenced blocks: nothing that others wrote stands outside a fence. What is longer than its limit is cut, what
 * does not fit any more is left out, and both are given as whole files, which the label names.
 * @param inputs absolute path of the folder that the files are put into.
 */
export function briefing(
  parts: readonly Part[],
  inputs: string,
): {
  readonly blocks: readonly string[];
  readonly files: readonly InputFile[];
  /** The keys of what is in the blocks. */
  readonly told: readonly string[];
} {
  const told = new Set<string>();
  const blocks: string[] = [];
  const files: InputFile[] = [];
  let left: number = briefingLimits.total;
  let dropped = 0;
  for (const { label, text, limit, file, key } of parts) {
    const body = plainText(text ?? "").trim();
    if (body === "") continue;
    const fits = body.length <= Math.min(limit, left);
    const shown = Math.min(limit, left);
    const name = `${file}.md`;
    if (!fits && files.length >= briefingLimits.files) {
      dropped += 1;
      continue;
    }
    if (!fits) files.push({ name, text: bounded(body, briefingLimits.file) });
    const place = code(`${inputs}/${name}`);
    // The start of a text is worth its place only where there is some.
    const block = fits
      ? `${label}:\n\n${fenced(body)}`
      : shown < 1000
        ? `${label}: ${body.length} characters, in the file ${place}.`
        : `${label}, cut here; all of it, ${body.length} characters, is in the file ${place}:\n\n${fenced(bounded(body, shown))}`;
    blocks.push(block);
    if (key !== undefined) told.add(key);
    left = Math.max(0, left - block.length);
  }
  if (dropped > 0) blocks.push(`(${dropped} more texts did not fit and were left out.)`);
  return { blocks, files, told: [...told] };
}
