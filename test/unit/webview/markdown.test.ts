import assert from "node:assert/strict";
import fc from "fast-check";
import {
  markdownTags,
  markdownTree,
  webAddress,
  type MarkdownNode,
} from "../../../src/webview/markdown/tree";

function links(nodes: readonly MarkdownNode[]): readonly Extract<MarkdownNode, { kind: "link" }>[] {
  return nodes.flatMap((node) =>
    node.kind === "text" ? [] : [...(node.kind === "link" ? [node] : []), ...links(node.children)],
  );
}

function text(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (node.kind === "text" ? node.text : text(node.children))).join("");
}

function tags(nodes: readonly MarkdownNode[]): readonly string[] {
  return nodes.flatMap((node) =>
    node.kind === "text" ? [] : [node.kind === "link" ? "link" : node.tag, ...tags(node.children)],
  );
}

/** Whatever a message says, only this comes out of it. */
function assertHarmless(message: string): void {
  const tree = markdownTree(message);
  for (const { url } of links(tree)) assert.match(new URL(url).protocol, /^https?:$/u);
  const known = new Set<string>([...markdownTags, "link"]);
  assert.deepEqual(
    tags(tree).filter((tag) => !known.has(tag)),
    [],
  );
  assert.doesNotMatch(text(tree), /[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f]/u);
}

describe("a message's Markdown", () => {
  it("keeps its form", () => {
    const tree = markdownTree(
      "# Title\n\n1. one\n2. **two** `three`\n\n> said\n\n```ts\nlet a;\n```\n\n---\n~~gone~~ *em*",
    );
    const found = [
      "h1",
      "ol",
      "li",
      "li",
      "strong",
      "code",
      "blockquote",
      "p",
      "pre",
      "code",
      "hr",
      "p",
      "s",
      "em",
    ];
    assert.deepEqual(tags(tree), found);
    assert.match(text(tree), /^Titleonetwo threesaidlet a;/u);
  });

  it("keeps the alignment of tables and the first number of lists", () => {
    const [table, list] = markdownTree("|a|b|\n|:-:|--:|\n|1|2|\n\n7. seven");
    const cells = JSON.stringify(table);
    assert.match(cells, /"align":"center"/u);
    assert.match(cells, /"align":"right"/u);
    assert.equal(list?.kind === "element" ? list.start : undefined, 7);
  });

  it("breaks lines where the model did", () => {
    assert.deepEqual(tags(markdownTree("one\ntwo")), ["p", "br"]);
  });

  for (const hostile of [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=https://example.com></iframe>",
    "<style>*{display:none}</style><svg onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](vbscript:x) [y](data:text/html;base64,PHNjcmlwdD4=) ![z](data:image/svg+xml,<svg>)",
    "[x](command:workbench.action.terminal.new) <command:workbench.action.quit>",
    "[x](vscode://file/etc/passwd) [y](file:///etc/passwd) <vscode-resource:x>",
    "![x](command:x) ![y](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "mailto:a@example.com ftp://example.com/x //example.com www.example.com a@example.com",
    "\u202e)1(trela\u202c [safe\u202e](https://example.com/\u202egpj.exe)",
    "a\u200bb\u200ec [x](https://exa\u200bmple.com)",
    `${"> ".repeat(500)}deep ${"[".repeat(500)}`,
    "[a](https://example.com 'title\" onmouseover=\"alert(1)')",
    "`<b>` ```\n<i>",
    "|a|\n|-|\n|<b onclick=x>|",
    "\u0000\u001b[31mred\u001b[0m",
  ]) {
    it(`lets nothing act: ${JSON.stringify(hostile.slice(0, 60))}`, () => assertHarmless(hostile));
  }

  it("lets nothing act, whatever is said", () => {
    const pieces = [
      "[",
      "](",
      ")",
      "<",
      ">",
      "javascript:",
      "https://a.b",
      "!",
      "`",
      "*",
      "|",
      "\n",
      "&#x6a;",
      "\u202e",
      "x",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) =>
        assertHarmless(parts.join("")),
      ),
      { numRuns: 500 },
    );
  });

  it("shows HTML as the text that it is", () => {
    assert.equal(text(markdownTree("<b>no</b> <img src=x onerror=y>")), "<b>no</b> <img src=x onerror=y>");
  });

  it("links what is written as an address", () => {
    const [link] = links(markdownTree("See https://example.com/a?b=c."));
    assert.deepEqual([link?.url, link?.host], ["https://example.com/a?b=c", undefined]);
  });

  it("says where a link leads when its words do not", () => {
    for (const [written, host] of [
      ["[the notes](https://example.com/notes)", "example.com"],
      ["[https://good.example](https://evil.example/)", "evil.example"],
      ["[https://good.example](https://good.example/)", undefined],
      ["[good.example](https://evil.example)", "evil.example"],
      ["[x](https://good.example@evil.example/)", "evil.example"],
      ["[paypal](https://pаypal.example)", "xn--pypal-4ve.example"],
    ] as const) {
      assert.deepEqual(
        links(markdownTree(written)).map((one) => one.host),
        [host],
        written,
      );
    }
  });

  it("loads no image: its words lead to it", () => {
    const tree = markdownTree("![a chart](https://example.com/chart.png)");
    assert.deepEqual(
      links(tree).map(({ url, host }) => [url, host]),
      [["https://example.com/chart.png", "example.com"]],
    );
    assert.equal(text(tree), "a chart");
  });

  it("shows the path beside what is named for a file", () => {
    assert.equal(
      text(markdownTree("[writer](src/writer.ts:12) and [src/a.ts](src/a.ts)")),
      "writer (src/writer.ts:12) and src/a.ts",
    );
    assert.deepEqual(links(markdownTree("[writer](src/writer.ts)")), []);
  });

  it("takes for an address only what is one", () => {
    for (const bad of ["", "x", "javascript:1", "data:,", "//a", "/a", "https://", "blob:https://a/b"]) {
      assert.equal(webAddress(bad), undefined, bad);
    }
    assert.equal(webAddress("HTTPS://A.example")?.href, "https://a.example/");
  });
});
