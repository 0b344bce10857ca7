import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import MarkdownIt, { type Token } from "markdown-it";

const root = join(import.meta.dirname, "..", "..", "..");
const inFolder = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const pages = [...inFolder("."), ...inFolder("docs")];

const parse = (page: string): readonly Token[] =>
  new MarkdownIt({ html: true })
    .parse(readFileSync(join(root, page), "utf8"), {})
    .flatMap((token) => [token, ...(token.children ?? [])]);

/** Addresses of links and pictures. */
function addressesIn(page: string): readonly string[] {
  return parse(page).flatMap((token) => {
    const address = token.attrGet(token.type === "image" ? "src" : "href");
    return address === null ? [] : [String(address)];
  });
}

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const tokens = parse(page);
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  tokens.forEach((token, at) => {
    if (token.type !== "heading_open") return;
    const text = (tokens[at + 1]?.children ?? []).map((one) => one.content).join("");
    const slug = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  });
  return anchors;
}

function wrongIn(page: string): readonly string[] {
  return addressesIn(page)
    .filter((address) => !/^(?:https?|mailto):/u.test(address))
    .filter((address) => {
      const [path = "", anchor] = address.split("#");
      const target = path === "" ? page : join(dirname(page), decodeURI(path));
      if (relative(root, join(root, target)).startsWith("..") || !existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    })
    .map((address) => `${page}: ${address}`);
}

describe("the pages", () => {
  it("link to files and headings that there are", () => {
    assert.ok(pages.length >= 10, pages.join());
    assert.ok(pages.flatMap(addressesIn).length > 40);
    assert.deepEqual(pages.flatMap(wrongIn), []);
  });

  it("are all within reach of the README", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      for (const address of addressesIn(page)) {
        const target = join(dirname(page), address.split("#")[0] ?? "");
        if (pages.includes(target)) reached.add(target);
      }
    }
    assert.deepEqual(
      pages.filter((page) => !reached.has(page)),
      [],
    );
  });

  it("name files, folders and npm scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const missing = pages.flatMap((page) =>
      parse(page)
        .filter(({ type }) => type === "code_inline")
        .map(({ content }) => content)
        .filter((code) => {
          const [, script] = /^npm run ([\w:]+)/u.exec(code) ?? [];
          if (script !== undefined) return !(script in scripts);
          const [room = "", ...rest] = code.split("/");
          if (room === "test-results") return false; // there only after a run
          const homes = ["", "src", "test"].filter(
            (home) => !/^(?:\.|$)/u.test(room) && existsSync(join(root, home, room)),
          );
          const isPath =
            rest.length > 0 && /^[\w./-]+(?:\/|\.(?:[cm]?[jt]s|ya?ml|jsonl?|md|png))$/u.test(code);
          return isPath && homes.length > 0 && !homes.some((home) => existsSync(join(root, home, code)));
        })
        .map((code) => `${page}: ${code}`),
    );
    assert.deepEqual(missing, []);
  });

  it("say of each picture what it shows", () => {
    const silent = pages.flatMap((page) =>
      parse(page).flatMap((token) =>
        token.type === "image" && token.content.trim() === ""
          ? [`${page}: ${token.attrGet("src") ?? ""}`]
          : [],
      ),
    );
    assert.deepEqual(silent, []);
  });
});
