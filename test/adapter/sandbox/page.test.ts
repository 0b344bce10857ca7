import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { activity, beat, pkce, queue, workerAt } from "../../fakes/sandboxClient";
import { openBrowserPage, type BrowserPage } from "./browserPage";

describe("the sandbox's pages in a browser", () => {
  let sandbox: Sandbox;
  let page: BrowserPage;
  before(async () => {
    page = await openBrowserPage();
  });
  after(() => page.close());
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    await page.open(sandbox.dashboardUrl);
    await page.until("document.querySelector('#connection')?.textContent.startsWith('Live')");
  });
  afterEach(async () => {
    await page.open("about:blank");
    await sandbox.close();
  });

  const session = "document.querySelector('.session')";
  const fill = (selector: string, text: string): Promise<unknown> =>
    page.evaluate(`(() => {
      const field = document.querySelector(${JSON.stringify(selector)});
      field.value = ${JSON.stringify(text)};
      field.dispatchEvent(new Event("input", { bubbles: true }));
    })()`);
  const click = (button: string): Promise<unknown> =>
    page.evaluate(
      `[...document.querySelectorAll("button")].find((one) => one.textContent === ${JSON.stringify(button)}).click()`,
    );

  it("queues a session and shows what people wrote as text, whatever it is", async () => {
    const title = "<img src=x onerror=\"document.title='hit'\">";
    await fill("input[name=title]", title);
    await fill("textarea[name=prompt]", "</p><script>document.title='hit'</script>");
    await click("Queue session");
    await page.until(`${session}?.querySelector("h3").textContent === ${JSON.stringify(title)}`);
    assert.equal(await page.evaluate("document.title"), "One Horizon sandbox");
    assert.equal(sandbox.state().sessions[0]?.title, title);
    assert.deepEqual(page.complaints, []);
  });

  it("lets no form be sent before its script hears it, and every one after", async () => {
    // The policy of the page lets no form navigate, so a click before would be lost without a word.
    const html = await (await fetch(new URL("/", sandbox.dashboardUrl))).text();
    const forms = html.split("<form ").slice(1);
    assert.equal(forms.length, 2);
    for (const form of forms) assert.match(form, /<button class="primary" disabled>/u);
    assert.equal(await page.evaluate("document.querySelectorAll('form button:disabled').length"), 0);
  });

  it("shows a worker's beat, and signals it", async () => {
    const { api, path, workerId } = await workerAt(sandbox);
    await api("POST", `${path}/heartbeat`, beat);
    await page.until(
      "/idle, 0 of 6 slots · beat \\d+ s ago/.test(document.querySelector('.worker.online')?.innerText)",
    );
    await click("Pause");
    await page.until("document.querySelector('.worker').innerText.includes('Pause requested')");
    assert.equal(sandbox.state().workers.find((one) => one.workerId === workerId)?.signal?.type, "pause");
    sandbox.advance(12_000);
    await page.until("document.querySelector('.worker.stale')");
  });

  it("follows a session, keeps what is being typed, and sends the answer", async () => {
    const { api, path } = await workerAt(sandbox);
    const at = `${path}/sessions/${await queue(sandbox)}`;
    const claimId = (await api("POST", `${at}/claim`, {})).text("claim", "claimId");
    await api("PATCH", at, {
      claimId,
      status: "awaiting_input",
      inputRequest: "Which one?",
      plan: "1. Look",
    });
    await page.until(
      `${session}?.innerText.includes("Which one?") && ${session}.innerText.includes("1. Look")`,
    );
    await page.evaluate(`document.querySelector(".question input").focus()`);
    await fill(".question input", "The left one");
    await api("POST", `${at}/activities`, activity(claimId, 1, { message: "still here" }));
    await page.until(
      `${session}.innerText.includes("still here") && document.activeElement?.value === "The left one"`,
    );
    await click("Answer");
    await page.until(`${session}.innerText.includes("Answered: The left one")`);
    assert.equal(sandbox.state().sessions[0]?.input?.text, "The left one");
    await click("Cancel");
    await page.until("document.querySelector('.session.cancelled')");
  });

  it("shows the comments on a session's task as text, and saves their files", async () => {
    await queue(sandbox, { task: { title: "Draw" } });
    await queue(sandbox, { task: { title: "Another" } });
    const { api } = await workerAt(sandbox);
    const form = new FormData();
    form.set("file", new Blob(["# Report"], { type: "text/markdown" }), "report.md");
    const fileId = (await api("POST", "/workspaces/ws_sandbox/files", form)).text("file", "fileId");
    const content = "Artifacts: <img src=x onerror=\"document.title='hit'\">";
    const taskId = sandbox.state().sessions[0]?.taskId ?? "";
    await api("POST", `/workspaces/ws_sandbox/tasks/${taskId}/comments`, { content, fileIds: [fileId] });
    await page.until(`document.querySelector(".comment p")?.textContent === ${JSON.stringify(content)}`);
    assert.equal(await page.evaluate("document.querySelectorAll('.comment').length"), 1);
    // In place of the browser's own way to save what a link names.
    await page.evaluate(`HTMLAnchorElement.prototype.click = function () {
      window.saved = this.download;
    }`);
    await page.evaluate(`URL.createObjectURL = (blob) => {
      blob.text().then((text) => (window.content = text));
      return "blob:it";
    }`);
    await click("report.md");
    await page.until("window.saved === 'report.md' && window.content === '# Report'");
    assert.equal(await page.evaluate("document.title"), "One Horizon sandbox");
    assert.deepEqual(page.complaints, []);
  });

  it("says what is missing without the token", async () => {
    await page.open("about:blank");
    await page.open(sandbox.baseUrl);
    await page.until(
      "document.querySelector('#connection')?.textContent.includes('the address with the token')",
    );
  });

  describe("with a callback that listens", () => {
    let server: Server;
    let seen: URL[];
    let callback: string;
    beforeEach(async () => {
      seen = [];
      server = createServer((request, response) => {
        seen.push(new URL(request.url ?? "", "http://localhost"));
        response.end("<title>back</title>");
      }).listen(0, "localhost");
      await once(server, "listening");
      const address = server.address();
      callback = `http://localhost:${typeof address === "object" ? (address?.port ?? 0) : 0}/oauth/callback`;
      await sandbox.dashboard("POST", "settings", { callbacks: [callback] });
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    for (const [button, parameter] of [
      ["allow", "code"],
      ["deny", "error"],
    ] as const) {
      it(`sends the browser back with ${parameter} after ${button}`, async () => {
        const query = new URLSearchParams({
          client_id: sandbox.clientId,
          redirect_uri: callback,
          response_type: "code",
          scope: "openid",
          state: "0123456789abcdef",
          code_challenge: pkce().challenge,
        });
        await page.open(`${sandbox.baseUrl}/app/auth/authorize?${query.toString()}`);
        await page.until(`document.querySelector("#${button}")`);
        await page.evaluate(`document.querySelector("#${button}").click()`);
        await page.until("document.title === 'back'");
        const [back] = seen;
        assert.equal(back?.searchParams.get("state"), "0123456789abcdef");
        assert.notEqual(back.searchParams.get(parameter), null);
      });
    }
  });
});
