import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { contentSecurityPolicy, panelHtml } from "../../../../src/ui/panel/panelHtml";
import { tabIcon, tabIcons } from "../../../../src/ui/panel/panelIcon";
import { verdictIcon } from "../../../../src/ui/runRows";
import { iconOf } from "../../../../src/ui/sessionLook";
import { allPhases } from "../kit";
import { root } from "../manifest";

const page = {
  language: "de",
  title: "Add CSV export",
  cspSource: "https://*.vscode-cdn.net",
  nonce: "5d1c",
  script: "https://x.vscode-cdn.net/dist/panel.js",
  style: "https://x.vscode-cdn.net/dist/panel.css",
};

describe("the panel's page", () => {
  it("loads our bundle and nothing else", () => {
    assert.equal(
      contentSecurityPolicy(page),
      "default-src 'none'; base-uri 'none'; form-action 'none'; font-src https://*.vscode-cdn.net; style-src https://*.vscode-cdn.net; script-src 'nonce-5d1c'",
    );
  });

  it("is this, word for word", () => {
    assert.equal(
      panelHtml(page),
      `<!DOCTYPE html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;; font-src https://*.vscode-cdn.net; style-src https://*.vscode-cdn.net; script-src &#39;nonce-5d1c&#39;">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Add CSV export</title>
<link rel="stylesheet" href="https://x.vscode-cdn.net/dist/panel.css">
</head>
<body>
<script nonce="5d1c" src="https://x.vscode-cdn.net/dist/panel.js"></script>
</body>
</html>
`,
    );
  });

  it("stays whole with a title that is none", () => {
    const html = panelHtml({ ...page, title: `</title><script>alert("x")</script>&'` });
    assert.match(
      html,
      /<title>&lt;\/title&gt;&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;&amp;&#39;<\/title>/,
    );
    assert.equal(html.match(/<script/g)?.length, 1);
  });
});

describe("the panel's tab", () => {
  it("has a picture of each kind, for light and dark", () => {
    for (const icon of tabIcons) {
      for (const theme of ["light", "dark"]) {
        assert.ok(existsSync(join(root, "media", "panel", `${icon}-${theme}.svg`)), `${icon}-${theme}`);
      }
    }
  });

  it("has the picture that comes nearest to the row's", () => {
    const bare = (id: string): string => id.replace("~spin", "");
    const phases = allPhases.map((phase) => `${phase} ${tabIcon(bare(iconOf(phase).id))}`);
    assert.deepEqual(phases, [
      "listed queued",
      "claiming running",
      "preparing running",
      "running running",
      "finishing running",
      "awaitingInput attention",
      "interrupted attention",
      "complete complete",
      "failed failed",
      "cancelled stopped",
      "released stopped",
      "claimLost attention",
      "elsewhere stopped",
    ]);
    const verdicts = (["approve", "feedback", "reject"] as const).map((one) => tabIcon(verdictIcon(one).id));
    assert.deepEqual(verdicts, ["complete", "attention", "failed"]);
  });
});
