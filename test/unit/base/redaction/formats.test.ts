import assert from "node:assert/strict";
import { Redactor } from "../../../../src/base/redaction/redactor";

/** Put together here, so that no scanner takes this file for a leak. */
const a = (count: number, set = "aB3dE6gH9jK2mN5pQ8"): string =>
  set.repeat(Math.ceil(count / set.length)).slice(0, count);
const hex = (count: number): string => a(count, "0a1b2c3d4e5f");
const lower = (count: number): string => a(count, "a1b2c3d4e5f6g7");
const upper = (count: number): string => a(count, "A2B3C4D5E6F7");
const url = (user: string, password: string): string => `https://${user}:${password}@example.com/x`;

const keys: readonly (readonly [string, string])[] = [
  ...["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map((start) => ["GitHub token", `${start}${a(36)}`] as const),
  ["GitHub token", `github_pat_${a(22)}_${a(59)}`],
  ["GitLab token", `glpat-${a(20)}`],
  ["GitLab token", `glpat-${a(27)}.01.${lower(9)}`],
  ["GitLab token", `glrt-${a(20)}`],
  ["GitLab token", `glcbt-64_${a(20)}`],
  ["GitLab token", `GR1348941${a(20)}`],
  ["Anthropic key", `sk-ant-api03-${a(93)}AA`],
  ["OpenAI key", `sk-${a(20)}T3BlbkFJ${a(20)}`],
  ["OpenAI key", `sk-proj-${a(74)}T3BlbkFJ${a(74)}`],
  ["OpenAI key", `sk-svcacct-${a(40)}`],
  ["AWS key", `AKIA${upper(16)}`],
  ["AWS key", `ASIA${upper(16)}`],
  ["Google key", `AIza${a(35)}`],
  ["Google key", `ya29.${a(60)}`],
  ["Google key", `GOCSPX-${a(28)}`],
  ["Slack token", `xoxb-123456789012-1234567890123-${a(24)}`],
  ["Slack token", `xoxp-123456789012-123456789012-123456789012-${lower(32)}`],
  ["Slack token", `xapp-1-A012345678-1234567890123-${hex(64)}`],
  ["Stripe key", `sk_live_${a(24)}`],
  ["Stripe key", `rk_test_${a(24)}`],
  ["Stripe key", `whsec_${a(32)}`],
  ["npm token", `npm_${a(36)}`],
  ["PyPI token", `pypi-AgEIcHlwaS5vcmc${a(80)}`],
  ["RubyGems key", `rubygems_${hex(48)}`],
  ["NuGet key", `oy2${lower(43)}`],
  ["Hugging Face token", `hf_${a(34)}`],
  ["Groq key", `gsk_${a(52)}`],
  ["xAI key", `xai-${a(80)}`],
  ["Perplexity key", `pplx-${a(48)}`],
  ["Replicate token", `r8_${a(37)}`],
  ["DigitalOcean token", `dop_v1_${hex(64)}`],
  ["Docker token", `dckr_pat_${a(27)}`],
  ["Shopify token", `shpat_${hex(32)}`],
  ["SendGrid key", `SG.${a(22)}.${a(43)}`],
  ["Twilio key", `SK${hex(32)}`],
  ["Databricks token", `dapi${hex(32)}`],
  ["Grafana token", `glsa_${a(32)}_${hex(8)}`],
  ["Vault token", `hvs.${a(90)}`],
  ["Linear key", `lin_api_${a(40)}`],
  ["Notion token", `ntn_${a(46)}`],
  ["Postman key", `PMAK-${hex(24)}-${hex(34)}`],
  ["PlanetScale token", `pscale_tkn_${a(43)}`],
  ["Sentry token", `sntryu_${hex(64)}`],
  ["Atlassian token", `ATATT3${a(186)}`],
  ["Figma token", `figd_${a(40)}`],
  ["Tailscale key", `tskey-auth-${a(17)}-${a(32)}`],
  ["Pulumi token", `pul-${hex(40)}`],
  ["Square token", `sq0atp-${a(22)}`],
  ["Doppler token", `dp.pt.${a(43)}`],
  ["age key", `AGE-SECRET-KEY-1${upper(58)}`],
  ["JSON web token", `eyJ${a(17)}.eyJ${a(40)}.${a(43)}`],
  ["JSON web token", `eyJ${a(17)}.${a(40)}.${a(16)}.${a(60)}.${a(22)}`],
];

/** Before, the secret, after: only the secret goes. */
const inContext: readonly (readonly [label: string, before: string, secret: string, after: string])[] = [
  ["password", "https://user:", "hunter2!x", "@example.com/x"],
  ["password", "https://:", "tok%40en", "@example.com"],
  ["password", "postgres://app:", "p@ss@word", "@db:5432/app?x=1"],
  ["bearer token", "Authorization: Bearer ", a(40), '"'],
  ["bearer token", "authorization: bearer ", a(40), "\n"],
  ["password", "Authorization: Basic ", "dXNlcjpwYXNz", "'"],
  ["password", "-H 'proxy: Basic ", "dXNlcjpwYXNzd29yZA==", "'"],
  ["AWS key", "aws_secret_access_key = ", a(40), "\n"],
  ["AWS key", '"SecretAccessKey": "', a(40), '"'],
  ["Azure key", "AccountName=x;AccountKey=", `${a(86)}==`, ";EndpointSuffix=y"],
  ["Slack webhook", "https://hooks.slack.com/services/", `T${upper(8)}/B${upper(8)}/${a(24)}`, " "],
];

const body = [a(64), a(64), `${a(30)}==`].join("\n");

const left: readonly string[] = [
  "the quick brown fox, jumps over 13 lazy dogs: 100 % sure\\n",
  `ghp_${a(20)}`,
  `ghp-${a(36)}`,
  `github_path_${a(10)}`,
  `glpat-${a(12)}`,
  "task-aaaaaaaaaaaaaaaaaaaaaaaa1",
  "disk-1234567890abcdefghijklmn",
  "sk-loading-indicator-container-wrapper",
  "sk-skeletonsskeletonsskeletons",
  "AKIA is a prefix",
  `AKIA${lower(16)}`,
  `XAKIA${upper(16)}`,
  `AIza${a(20)}`,
  "xoxb-not-a-token-of-anybody",
  "npm_config_registry=https://registry.npmjs.org/",
  "npm_package_version",
  "hf_transfer",
  "risk_live_and_let_live_in_peace",
  "eyJhbGciOiJIUzI1NiJ9 alone",
  "keyJhbGciOiJIUzI1NiJ9.abcdefghijklmnop",
  "bearer authentication-middleware is used",
  "Basic authentication of users",
  "basic ABCDEFGHIJKLMNOP1234",
  "https://example.com:8080/path@2x.png",
  "ssh://git@github.com/owner/name.git",
  "git@github.com:owner/name.git",
  "http://localhost:3000/?a=b:c@d",
  "https://registry.npmjs.org/@scope/name/-/name-1.0.0.tgz",
  "see http://a.b: then mail x@y.z",
  "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0123456789\n-----END PUBLIC KEY-----",
  "grep -r 'BEGIN RSA PRIVATE KEY-----' . finds none",
  "sha512-3Y1WJwZ0qFGXY4mB9vQZBQnTjzFhRZJqV0Wqk3FYYw9eQ0y1Z2hV5w==",
  "commit 0123456789abcdef0123456789abcdef01234567",
  "00000000-0000-4000-8000-000000000001",
  "\u{1f600} \ud800 lone %zz %4 \\u12 \\x \\",
];

describe("the redactor's formats", () => {
  const redactor = new Redactor();

  for (const [label, key] of keys) {
    it(`hide a ${label}: ${key.slice(0, 12)}…`, () => {
      for (const [before, after] of [
        ["", ""],
        ["key=", "\n"],
        ['{"k":"', '"}'],
        ["(", "). Then more."],
        ["a ", " z"],
      ] as const) {
        assert.equal(redactor.redact(before + key + after), `${before}[hidden: ${label}]${after}`);
      }
    });

    it(`hide it encoded: ${key.slice(0, 12)}…`, () => {
      const inBase64 = ["", "x", "xy", "a:"].flatMap((before) => {
        const bytes = Buffer.from(`${before}${before === "" ? "" : " "}${key}\n`);
        return [bytes.toString("base64"), bytes.toString("base64url")];
      });
      const all = key.replace(/./gu, (one) => `%${one.charCodeAt(0).toString(16)}`);
      const inJson = key.replace(/[._-]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
      for (const text of [...inBase64, all, inJson]) {
        assert.match(redactor.redact(text), /\[hidden: [A-Za-z ]+\]/u, text);
      }
    });
  }

  for (const [label, before, secret, after] of inContext) {
    it(`hide only the ${label} in ${before}…`, () => {
      assert.equal(redactor.redact(before + secret + after), `${before}[hidden: ${label}]${after}`);
    });
  }

  for (const kind of ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]) {
    it(`hide a PEM ${kind}private key`, () => {
      const pem = `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----\nMore words.`;
      const hidden = `-----BEGIN ${kind}[hidden: private key]\n-----END ${kind}PRIVATE KEY-----\nMore words.`;
      assert.equal(redactor.redact(pem), hidden);
      assert.equal(redactor.redact(JSON.stringify(pem)), JSON.stringify(hidden));
      assert.equal(redactor.redact(pem.replace(/\n/gu, "\r\n  ")), hidden.replace(/\n/gu, "\r\n  "));
      const wrapped = Buffer.from(pem).toString("base64").replace(/.{76}/gu, "$&\n");
      const rest = redactor.redact(wrapped);
      for (const line of body.split("\n")) {
        assert.ok(
          !Buffer.from(rest.replace(/\[.*?\]/gu, ""), "base64")
            .toString()
            .includes(line.slice(0, 16)),
        );
      }
    });
  }

  it("hide an encrypted PEM key with its headers left", () => {
    const pem = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${upper(32)}\n\n${body}\n-----END`;
    assert.doesNotMatch(redactor.redact(pem), new RegExp(a(20), "u"));
  });

  for (const text of left) {
    it(`leave ${JSON.stringify(text.slice(0, 50))}`, () => {
      assert.equal(redactor.redact(text), text);
    });
  }

  it("leave what they have put in", () => {
    const text = [...keys.map(([, key]) => key), url("u", "secret-password")].join(" ");
    const once = redactor.redact(text);
    assert.equal(redactor.redact(once), once);
  });
});
