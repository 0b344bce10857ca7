import assert from "node:assert/strict";
import { Redactor } from "../../../../src/base/redaction/redactor";
import { hideEnvironment, secretsIn } from "../../../../src/base/redaction/secretValues";

const secrets: readonly (readonly [string, string])[] = [
  ["API_TOKEN", "abcdefgh"],
  ["DB_PASSWORD", "correcthorse"],
  ["NPM_TOKEN", "00000000-0000-4000-8000-000000000001"],
  ["STRIPE_KEY", "a1B2c3D4e5"],
  ["AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
  ["CLIENT_SECRET", "/slash/first/Secret1"],
  ["ANYTHING", "Zx81-kQ77.plm"],
  ["WEBHOOK", "https://hooks.example.com/x?sig=abcdef"],
  ["SERVICE_ACCOUNT", '{"private_key":"x"}'],
];

const plain: readonly (readonly [string, string])[] = [
  ["JAVA_HOME", "/usr/lib/jvm/java-17-openjdk-amd64"],
  ["NODE_PATH", "/usr/lib/node_modules:/opt/node_modules"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "/home/me/.config/gcloud/key.json"],
  ["SSH_AUTH_SOCK", "/tmp/ssh-XXXXabcd/agent.1234"],
  ["NODE_ENV", "production"],
  ["CI", "true"],
  ["BUILD_NUMBER", "1234567890"],
  ["RELEASE", "2026-11-21T15:00:00"],
  ["VERSION", "v12.34.56-beta.1"],
  ["LC_ALL", "en_US.UTF-8"],
  ["DATABASE_HOST", "db.internal.example.com"],
  ["API_URL", "https://api.example.com:8443/v1/things"],
  ["FEATURES", "alpha,beta,gamma"],
  ["API_TOKEN", "short12"],
];

describe("which values of the environment are hidden", () => {
  for (const [name, value] of secrets) {
    it(`${name}=${value.slice(0, 20)} is`, () => assert.deepEqual(secretsIn(name, value), [value]));
  }
  for (const [name, value] of plain) {
    it(`${name}=${value.slice(0, 20)} is not`, () => assert.deepEqual(secretsIn(name, value), []));
  }

  it("an address's password is, as it stands and decoded", () => {
    assert.deepEqual(secretsIn("DATABASE_URL", "postgres://app:p%40ssword1@db/x"), [
      "postgres://app:p%40ssword1@db/x",
      "p%40ssword1",
      "p@ssword1",
    ]);
  });

  it("only those that are passed on, and proxies' passwords", () => {
    const redactor = new Redactor();
    const environment = {
      PASSED_TOKEN: "passed-on-1",
      OTHER_TOKEN: "kept-at-home-1",
      HTTPS_PROXY: "http://me:proxy-password@proxy:3128",
      gone: undefined,
    };
    hideEnvironment(redactor, environment, ["passed_token", "missing"]);
    assert.equal(
      redactor.redact("passed-on-1 kept-at-home-1 proxy-password http://proxy:3128"),
      "[hidden: secret value] kept-at-home-1 [hidden: secret value] http://proxy:3128",
    );
  });
});
