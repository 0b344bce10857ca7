import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { PlatformError } from "../../../src/core/platformError";
import { GrantRefused, TokenEndpoint } from "../../../src/platform/oauth/tokenEndpoint";
import { FaultServer, json } from "./faultServer";

describe("TokenEndpoint", () => {
  let server: FaultServer;
  let endpoint: TokenEndpoint;
  beforeEach(async () => {
    server = await FaultServer.start((_request, response) =>
      json(response, 200, { access_token: "a", token_type: "Bearer", expires_in: 60, id_token: "not.a.jwt" }),
    );
    const account = { origin: server.origin, clientId: "c" };
    endpoint = new TokenEndpoint({ account, clock: systemClock });
  });
  afterEach(() => server.close());

  it("sends no client secret and no basic authorization", async () => {
    const before = Date.now();
    const tokens = await endpoint.refresh("r", neverAborted);
    assert.equal(tokens.accessToken, "a");
    assert.ok((tokens.expiresAt ?? 0) >= before + 60_000 && (tokens.expiresAt ?? 0) <= Date.now() + 60_000);
    assert.equal(server.seen[0]?.authorization, undefined);
    assert.equal(server.seen[0]?.body, "refresh_token=r&grant_type=refresh_token&client_id=c");
  });
  for (const [name, status, body, expected] of [
    ["invalid_grant", 400, { error: "invalid_grant" }, GrantRefused],
    ["a 500", 500, { error: "server_error" }, /500/u],
    ["a 429", 429, { code: 429, message: "slow" }, /429/u],
    ["no token", 200, { token_type: "Bearer" }, /token/u],
  ] as const) {
    it(`tells ${name}`, async () => {
      server.answer = (_request, response) => json(response, status, body);
      await assert.rejects(endpoint.refresh("r", neverAborted), expected);
      assert.equal(server.seen.length, 1, "never sent again");
    });
  }
  it("refuses a token that no header can carry, without repeating it", async () => {
    server.answer = (_request, response) =>
      json(response, 200, { access_token: "S3c\nr3t", token_type: "Bearer", expires_in: 60 });
    const isMute = (error: unknown): boolean =>
      PlatformError.is(error, "badAnswer") && !/S3c|r3t/u.test(error.message);
    await assert.rejects(endpoint.refresh("r", neverAborted), isMute);
  });
  it("follows no redirect", async () => {
    const other = await FaultServer.start((_request, response) => json(response, 200, {}));
    try {
      server.answer = (_request, response) => {
        response.writeHead(308, { location: `${other.origin}/app/auth/token` });
        response.end();
      };
      await assert.rejects(endpoint.refresh("r", neverAborted));
      assert.equal(other.seen.length, 0);
    } finally {
      await other.close();
    }
  });
});
