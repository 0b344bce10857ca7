/** A workflow file in its two parts. */
export interface SplitFile {
  /** The YAML between the fences; undefined when the file has none. */
  readonly yaml: string | undefined;
  /** The number of lines before the YAML's first line. */
  readonly lineOffset: number;
  readonly body: string;
}

const fence = /^---[ \t]*$/;

/** Splits at the `---` lines. Undefined when a front matter is opened and never closed. */
export function splitFrontMatter(text: string): SplitFile | undefined {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  if (!fence.test(lines[0] ?? "")) return { yaml: undefined, lineOffset: 0, body: lines.join("\n").trim() };
  const end = lines.findIndex((line, index) => index > 0 && fence.test(line));
  if (end < 0) return undefined;
  return {
    yaml: `${lines.slice(1, end).join("\n")}\n`,
    lineOffset: 1,
    body: lines
      .slice(end + 1)
      .join("\n")
      .trim(),
  };
}
