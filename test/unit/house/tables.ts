/** The rows of a Markdown table, the head first, each with its cells as they are written. Other lines are passed over. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ -]+\|[ -|]+$/u.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
}

/** A table as Markdown, not yet aligned. */
function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("");
}

/**
 * What stands in a page between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error where the page has no such marks.
 */
export function between(page: string, name: string): string {
  const [from, to] = marks(page, name);
  return page.slice(from, to);
}

/** The page with another table between these marks. */
export function withTable(page: string, name: string, rows: readonly (readonly string[])[]): string {
  const [from, to] = marks(page, name);
  return `${page.slice(0, from)}\n${tableOf(rows)}\n${page.slice(to)}`;
}

function marks(page: string, name: string): readonly [from: number, to: number] {
  const begin = `<!-- ${name} -->\n`;
  const [from, to] = [page.indexOf(begin), page.indexOf(`<!-- /${name} -->`)];
  if (from === -1 || to === -1) throw new Error(`the page has no place for ${name}`);
  return [from + begin.length, to];
}
