import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LinkedAbort, neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { PendingSignIns } from "../../../src/platform/oauth/pendingSignIns";
import type { CallbackChoice } from "../../../src/platform/oauth/redirects";
import { SignInFlow, type SignInBrowser } from "../../../src/platform/oauth/signInFlow";
import { TokenEndpoint } from "../../../src/platform/oauth/tokenEndpoint";
import { TokenSource } from "../../../src/platform/oauth/tokenSource";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { FakeSecrets, FakeTokenMachine } from "../../unit/platform/fakes";
import { eventually } from "./faultServer";
import { uriCallback, uriChoice, freePort, ask, press } from "./signInKit";

describe("SignInFlow against the sandbox platform", () => {
  let sandbox: Sandbox;
  let folder: string;
  let port: number;
  let machine: FakeTokenMachine;
  let tokens: TokenSource;
  let flow: SignInFlow;
  let opened: string[];
  let externalAddress: (address: string) => string;
  /** What the person does about the question, in turn; it stays open until there is something. */
  let pasted: Promise<string | undefined>[];
  let paste: (text: string | undefined) => void;
  let problems: (string | undefined)[];
  const life = new LinkedAbort();

  const build = (): { tokens: TokenSource; flow: SignInFlow } => {
    const account = { origin: sandbox.baseUrl, clientId: sandbox.clientId };
    const endpoint = new TokenEndpoint({ account, clock: systemClock });
    const source = new TokenSource({
      account,
      secrets: new FakeSecrets(),
      lock: machine.lock(),
      spent: machine.spent,
      share: machine.share(),
      endpoint,
      clock: systemClock,
      log: silentLog,
    });
    const browser: SignInBrowser = {
      open: (address) => {
        opened.push(address);
        return Promise.resolve(true);
      },
      externalAddress: (address) => Promise.resolve(externalAddress(address)),
      askForAddress: (problem) => {
        problems.push(problem);
        return pasted[problems.length - 1] ?? new Promise(() => undefined);
      },
    };
    const options = {
      clock: systemClock,
      log: silentLog,
      pending: new PendingSignIns(folder, systemClock),
      browser,
      partsOf: () => ({ endpoint, tokens: source }),
    };
    return { tokens: source, flow: new SignInFlow(options) };
  };
  const start = (callback: CallbackChoice, signal = life.signal): Promise<void> => {
    const account = { origin: sandbox.baseUrl, clientId: sandbox.clientId };
    const work = flow.signIn({ account, scopes: "openid profile email", callback }, signal);
    work.catch(() => undefined);
    return work;
  };
  const page = async (): Promise<string> => {
    await eventually("the browser opens", () => opened.length > 0);
    return opened[0] ?? "";
  };

  before(async () => {
    port = await freePort();
    sandbox = await startTestSandbox({ callbacks: [`http://localhost:${port}/oauth/callback`] });
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "sign-in-")), "sign-in");
    machine = new FakeTokenMachine();
    opened = [];
    paste = () => undefined;
    pasted = [];
    problems = [];
    externalAddress = (address) => address;
    ({ tokens, flow } = build());
  });
  afterEach(async () => {
    tokens.dispose();
    await rm(join(folder, ".."), { recursive: true, force: true });
  });

  const loopback = (): CallbackChoice => ({ mode: "loopback", port });

  it("signs in by loopback with PKCE, a state and the registered callback", async () => {
    const done = start(loopback());
    const address = new URL(await page());
    assert.equal(address.searchParams.get("code_challenge_method"), "S256");
    assert.equal(address.searchParams.get("redirect_uri"), `http://localhost:${port}/oauth/callback`);
    assert.ok((address.searchParams.get("state") ?? "").length >= 16);
    const [file = ""] = await readdir(folder);
    const kept = await readFile(join(folder, file), "utf8");
    assert.ok(!opened.join().includes(String(/"verifier":"([^"]+)"/u.exec(kept)?.[1])));
    const target = await press(sandbox, address.href, "allow");
    const reply = await ask(port, `${target.pathname}${target.search}`);
    assert.match(reply.text, /You can close this tab/u);
    await done;
    assert.ok((await tokens.get(neverAborted)).startsWith("sat_"));
    assert.deepEqual(problems, [], "nobody is asked to paste");
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(ask(port, "/"), /ECONNREFUSED/u);
  });

  it("says that it was declined", async () => {
    const done = start(loopback());
    const target = await press(sandbox, await page(), "deny");
    await ask(port, `${target.pathname}${target.search}`);
    await assert.rejects(done, /declined/u);
    assert.equal(await tokens.isSignedIn(), false);
  });

  it("takes a pasted address where the browser cannot come back", async () => {
    externalAddress = () => "https://name.github.dev/proxy/";
    pasted = [Promise.resolve("nonsense"), new Promise((resolve) => (paste = resolve))];
    const done = start(loopback());
    const target = await press(sandbox, await page(), "allow");
    await eventually("the second question", () => problems.length === 2);
    assert.match(problems[1] ?? "", /whole address/u);
    paste(target.href);
    await done;
    assert.equal(await tokens.isSignedIn(), true);
  });

  it("still takes the loopback request when the question is dismissed", async () => {
    externalAddress = () => "http://127.0.0.1:1/proxy/";
    pasted = [Promise.resolve(undefined)];
    const done = start(loopback());
    const target = await press(sandbox, await page(), "allow");
    await ask(port, `${target.pathname}${target.search}`);
    await done;
    assert.deepEqual(problems, [undefined]);
  });

  it("signs in by URI callback", async () => {
    const done = start(uriChoice);
    const target = await press(sandbox, await page(), "allow");
    assert.ok(target.href.startsWith(uriCallback));
    assert.equal(await flow.handleUri(target.href, life.signal), true);
    await done;
    assert.equal(await tokens.isSignedIn(), true);
  });

  it("signs in when the URI callback reaches another window", async () => {
    const done = start(uriChoice);
    const target = await press(sandbox, await page(), "allow");
    const other = build();
    try {
      assert.equal(await other.flow.handleUri(target.href, life.signal), true);
      assert.equal(await other.tokens.isSignedIn(), true);
      await done;
      assert.equal(await tokens.isSignedIn(), true);
    } finally {
      other.tokens.dispose();
    }
  });

  for (const [name, address] of [
    ["another extension's address", "vscode://other.extension/oauth/callback?code=c&state=s"],
    ["a state nobody waits for", `${uriCallback}?code=c&state=unknown-state-000`],
    ["no state", `${uriCallback}?code=c`],
    ["nonsense", "::"],
  ] as const) {
    it(`leaves ${name} alone`, async () => assert.equal(await flow.handleUri(address, life.signal), false));
  }

  it("ends at once when the person cancels, and frees port and state", async () => {
    const cancel = new LinkedAbort();
    const done = start(loopback(), cancel.signal);
    await page();
    cancel.abort(new Error("cancelled by the person"));
    await assert.rejects(done, /cancelled by the person/u);
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(ask(port, "/"), /ECONNREFUSED/u);
  });

  it("needs a client id", async () => {
    const account = { origin: sandbox.baseUrl, clientId: " " };
    const work = flow.signIn({ account, scopes: "openid", callback: loopback() }, life.signal);
    await assert.rejects(work, /oneHorizon\.oauth\.clientId/u);
  });

  it("renews with the real endpoint, rotates, and refuses a spent token", async () => {
    const done = start(uriChoice);
    await flow.handleUri((await press(sandbox, await page(), "allow")).href, life.signal);
    await done;
    const first = await tokens.get(neverAborted);
    const second = await tokens.renew(first, neverAborted);
    assert.notEqual(second, first);
    assert.notEqual(await tokens.renew(second, neverAborted), second);
    await sandbox.dashboard("POST", "tokens", { what: "all" });
    await assert.rejects(tokens.renew(await tokens.get(neverAborted), neverAborted), /invalid_grant/u);
    assert.equal(await tokens.isSignedIn(), false);
  });
});
