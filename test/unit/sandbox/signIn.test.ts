import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { apiOf, authorize, callback, pkce, signIn, token } from "../../fakes/sandboxClient";

describe("the sandbox's sign-in", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
  });
  afterEach(() => sandbox.close());

  const query = (more: Record<string, string> = {}): string =>
    new URLSearchParams({
      client_id: sandbox.clientId,
      redirect_uri: callback,
      response_type: "code",
      scope: "openid",
      state: "0123456789abcdef",
      code_challenge: pkce().challenge,
      ...more,
    }).toString();
  const exchange = (code: string, more: Record<string, string>) =>
    token(sandbox, {
      grant_type: "authorization_code",
      client_id: sandbox.clientId,
      code,
      redirect_uri: callback,
      ...more,
    });

  it("gives tokens that name the user", async () => {
    const { accessToken } = await signIn(sandbox);
    const me = await apiOf(sandbox, accessToken)("GET", "/me");
    assert.equal(me.get("user", "name"), "Sandbox user");
  });

  it("shows who asks, with a policy that runs no script", async () => {
    const page = await fetch(`${sandbox.baseUrl}/app/auth/authorize?${query()}`);
    const text = await page.text();
    assert.match(text, /id="allow"/);
    assert.match(text, /id="deny"/);
    assert.match(text, /sandbox-client/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  });

  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ["a callback that is not registered", { redirect_uri: "http://localhost:43117/oauth/callback/" }],
    ["another port", { redirect_uri: "http://localhost:43118/oauth/callback" }],
    ["another client", { client_id: "someone-else" }],
    ["a short state", { state: "0123456789abcde" }],
    ["a plain challenge", { code_challenge_method: "plain" }],
    ["a challenge that no hash gives", { code_challenge: "+".repeat(43) }],
    ["a token response", { response_type: "token" }],
  ];
  for (const [what, more] of refused) {
    it(`refuses ${what} without a redirect`, async () => {
      const answer = await fetch(`${sandbox.baseUrl}/app/auth/authorize?${query(more)}`, {
        redirect: "manual",
      });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get("location"), null);
    });
  }

  it("tells a denial to the callback, with the state", async () => {
    const target = await authorize(sandbox, pkce().challenge, { decision: "deny" });
    assert.equal(target.searchParams.get("error"), "access_denied");
    assert.equal(target.searchParams.get("state"), "0123456789abcdef");
    assert.equal(target.searchParams.get("code"), null);
  });

  it("sends the code to the editor's own scheme too", async () => {
    const redirectUri = "code-oss://one-horizon.one-horizon-worker/oauth/callback";
    const target = await authorize(sandbox, pkce().challenge, { redirectUri });
    assert.equal(target.protocol, "code-oss:");
    assert.notEqual(target.searchParams.get("code"), null);
  });

  it("refuses a decision that another site sends", async () => {
    const answer = await fetch(`${sandbox.baseUrl}/sandbox/authorize`, {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" },
      body: "ticket=x&decision=allow",
    });
    assert.equal(answer.status, 403);
  });

  it("verifies the verifier", async () => {
    const { challenge } = pkce();
    const target = await authorize(sandbox, challenge);
    const answer = await exchange(target.searchParams.get("code") ?? "", { code_verifier: pkce().verifier });
    assert.deepEqual([answer.status, answer.get("error")], [400, "invalid_grant"]);
  });

  it("takes a code once, and revokes its tokens when it comes again", async () => {
    const { verifier, challenge } = pkce();
    const code = (await authorize(sandbox, challenge)).searchParams.get("code") ?? "";
    const first = await exchange(code, { code_verifier: verifier });
    assert.equal(first.status, 200);
    const second = await exchange(code, { code_verifier: verifier });
    assert.equal(second.get("error"), "invalid_grant");
    const me = await apiOf(sandbox, first.text("access_token"))("GET", "/me");
    assert.equal(me.status, 401);
  });

  it("forgets a code after 60 s", async () => {
    const { verifier, challenge } = pkce();
    const code = (await authorize(sandbox, challenge)).searchParams.get("code") ?? "";
    sandbox.advance(60_000);
    assert.equal((await exchange(code, { code_verifier: verifier })).status, 400);
  });

  it("rotates refresh tokens and revokes the sign-in when an old one comes again", async () => {
    const first = await signIn(sandbox);
    const refresh = (value: string) =>
      token(sandbox, { grant_type: "refresh_token", client_id: sandbox.clientId, refresh_token: value });
    const second = await refresh(first.refreshToken);
    assert.equal(second.status, 200);
    assert.notEqual(second.get("refresh_token"), first.refreshToken);
    assert.equal((await refresh(first.refreshToken)).get("error"), "invalid_grant");
    assert.equal((await refresh(second.text("refresh_token"))).get("error"), "invalid_grant");
    assert.equal((await apiOf(sandbox, second.text("access_token"))("GET", "/me")).status, 401);
  });

  it("lets access tokens expire", async () => {
    const { accessToken } = await signIn(sandbox);
    sandbox.advance(3_600_000);
    assert.equal((await apiOf(sandbox, accessToken)("GET", "/me")).status, 401);
  });

  it("refuses an API key with 403", async () => {
    assert.equal((await apiOf(sandbox, "ohk_123")("GET", "/me")).status, 403);
  });

  it("keeps tokens out of the log and the dashboard", async () => {
    const { accessToken, refreshToken } = await signIn(sandbox);
    const seen = JSON.stringify([sandbox.log.list(), sandbox.state()]);
    assert.ok(sandbox.log.list().some((one) => one.operationId === "token"));
    assert.ok(!seen.includes(accessToken) && !seen.includes(refreshToken));
  });
});
