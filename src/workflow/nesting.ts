/** Far more than a front matter needs: its deepest value lies at six. */
const deepest = 24;
/** Colons of one line, which may be one mapping or each begin another one. */
const mostColons = 100;

/**
 * True when YAML may nest deeper than it is worth to parse. Asked before anything is parsed: the parser recurses, and near
 * the end of the stack the engine may end the whole process instead of throwing; collections as keys of collections take it
 * minutes long before that.
 */
export function nestsTooDeep(yaml: string): boolean {
  /** The lines that a line lies in, with how much each nests by itself. */
  const around: { readonly indent: number; readonly depth: number }[] = [];
  let open = 0;
  for (const line of yaml.split("\n")) {
    if ((line.match(/:(?=[ \t]|$)/g)?.length ?? 0) > mostColons) return true;
    const blank = /^[ \t]*/.exec(line)?.[0] ?? "";
    if (blank.length === line.length || line[blank.length] === "#") continue;
    const marks = line.match(/(?<![^ \t[{,])[-?](?=[ \t]|$)|^[ \t]*:(?=[ \t]|$)/g) ?? [];
    while ((around.at(-1)?.indent ?? -1) >= blank.length) around.pop();
    const depth = (around.at(-1)?.depth ?? 0) + 1 + marks.length;
    around.push({ indent: blank.length, depth });
    for (const char of line) {
      if (char === "[" || char === "{") open += 1;
      else if (char === "]" || char === "}") open = Math.max(0, open - 1);
      if (depth + open > deepest) return true;
    }
  }
  return false;
}
