import { otherThan } from "./charSet";
import { format, gap, step, type Format } from "./format";

const alnum = "A-Za-z0-9";
const word = "A-Za-z0-9_-";
const hex = "A-Fa-f0-9";
const base64 = "A-Za-z0-9+/=";
const alone = { alone: true };

/** A literal that is found in nothing but keys, then so many characters or more. */
const key = (label: string, set: string, least: number, ...starts: readonly string[]): Format =>
  format(label, starts, [step(set, least)]);
/** The same, with a literal that also ends words. */
const loneKey = (label: string, set: string, least: number, ...starts: readonly string[]): Format =>
  format(label, starts, [step(set, least)], alone);
/** A value without a face of its own, known by the name before it. */
const named = (label: string, set: string, least: number, ...starts: readonly string[]): Format =>
  format(label, starts, [gap(" \t\"':=", 1, 8), step(set, least)], { startHidden: false });

const urlPassword = otherThan("/@\"'`<>{}\\?#|");

/**
 * Formats of keys, mostly as gitleaks (https://github.com/gitleaks/gitleaks) knows them. Lengths are a little shorter than
 * what is issued today, and a key is hidden to its end, however long.
 */
export const formats: readonly Format[] = [
  key("GitHub token", alnum, 36, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
  key("GitHub token", "A-Za-z0-9_", 36, "github_pat_"),
  format(
    "GitLab token",
    ["glpat-", "gldt-", "glft-", "glrt-", "glptt-", "gloas-", "glsoat-", "glagent-", "glimt-", "glffct-"],
    [step(word, 20)],
    { again: [step(".", 1, 1), step("a-z0-9", 2)] },
  ),
  key("GitLab token", word, 20, "glcbt-", "GR1348941"),
  key("Anthropic key", word, 20, "sk-ant-"),
  loneKey("OpenAI key", word, 20, "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-"),
  format("OpenAI key", ["sk-"], [step(alnum, 20)], { alone: true, digit: true }),
  loneKey("AWS key", "A-Z0-9", 16, "AKIA", "ASIA", "ABIA", "ACCA"),
  loneKey("AWS key", base64, 60, "ABSK"),
  named("AWS key", "A-Za-z0-9+/", 40, "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
  loneKey("Google key", word, 35, "AIza"),
  loneKey("Google key", word, 20, "ya29.", "GOCSPX-"),
  named("Azure key", base64, 40, "AccountKey", "SharedAccessKey"),
  format(
    "Slack token",
    ["xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"],
    [step("A-Za-z0-9.-", 10)],
    { digit: true },
  ),
  format(
    "Slack webhook",
    ["hooks.slack.com/services/", "hooks.slack.com/workflows/"],
    [step(`${alnum}/`, 24)],
    {
      startHidden: false,
    },
  ),
  loneKey("Stripe key", alnum, 10, "sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"),
  loneKey("Stripe key", base64, 24, "whsec_"),
  loneKey("npm token", alnum, 36, "npm_"),
  key("PyPI token", word, 40, "pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"),
  key("RubyGems key", hex, 48, "rubygems_"),
  loneKey("NuGet key", "a-z0-9", 43, "oy2"),
  loneKey("Hugging Face token", alnum, 34, "hf_", "api_org_"),
  loneKey("Groq key", alnum, 40, "gsk_"),
  loneKey("xAI key", alnum, 40, "xai-"),
  loneKey("Perplexity key", alnum, 40, "pplx-"),
  loneKey("Replicate token", alnum, 37, "r8_"),
  key("DigitalOcean token", hex, 64, "dop_v1_", "doo_v1_", "dor_v1_"),
  key("Docker token", word, 20, "dckr_pat_", "dckr_oat_"),
  key("Shopify token", hex, 32, "shpat_", "shpca_", "shppa_", "shpss_"),
  format("SendGrid key", ["SG."], [step(word, 16, 32), step(".", 1, 1), step(word, 32)], alone),
  loneKey("Twilio key", hex, 32, "SK"),
  loneKey("Databricks token", hex, 32, "dapi"),
  loneKey("Grafana token", "A-Za-z0-9_+/=", 32, "glc_", "glsa_"),
  loneKey("Vault token", word, 24, "hvs.", "hvb."),
  key("Linear key", alnum, 32, "lin_api_", "lin_oauth_"),
  loneKey("Notion token", alnum, 40, "ntn_"),
  key("Postman key", "a-f0-9-", 48, "PMAK-"),
  key("PlanetScale token", "A-Za-z0-9_=.-", 32, "pscale_tkn_", "pscale_pw_", "pscale_oauth_"),
  key("Sentry token", "A-Za-z0-9_+/=", 40, "sntrys_", "sntryu_"),
  key("Atlassian token", "A-Za-z0-9_=-", 60, "ATATT3", "ATCTT3"),
  key("Figma token", word, 30, "figd_", "figu_"),
  key("Tailscale key", "A-Za-z0-9-", 16, "tskey-auth-", "tskey-api-", "tskey-client-"),
  loneKey("Pulumi token", hex, 40, "pul-"),
  loneKey("Square token", word, 22, "sq0atp-", "sq0csp-"),
  loneKey("Doppler token", alnum, 40, "dp.pt.", "dp.st.", "dp.sa."),
  key("age key", "A-Z0-9", 58, "AGE-SECRET-KEY-1"),
  format("JSON web token", ["eyJ"], [step(word, 10, 1024), step(".", 1, 1), step(word, 10)], {
    alone: true,
    again: [step(".", 1, 1), step(word, 1)],
  }),
  format(
    "private key",
    [
      "PRIVATE KEY-----",
      "PRIVATE KEY BLOCK-----",
      "DEK-Info: AES-128-CBC",
      "DEK-Info: AES-256-CBC",
      "DEK-Info: DES-EDE3-CBC",
    ],
    [step(", \t\r\nA-F0-9", 1, 64), step(base64, 32)],
    { again: [step("\r\n", 1, 2), step(" \t", 0, 16), step(base64, 1)] },
  ),
  format("bearer token", ["Bearer ", "bearer ", "BEARER "], [step("A-Za-z0-9._~+/=-", 16, 512)], {
    ...alone,
    startHidden: false,
    digit: true,
  }),
  format(
    "password",
    ["uthorization: Basic ", "uthorization: basic ", 'uthorization":"Basic ', 'uthorization": "Basic '],
    [step(base64, 8)],
    {
      startHidden: false,
    },
  ),
  format("password", ["Basic "], [step(base64, 12, 512)], { alone: true, startHidden: false, digit: true }),
  format(
    "password",
    ["://"],
    [gap("A-Za-z0-9._~%!$&'()*+,;=-", 0, 128), gap(":", 1, 1), step(urlPassword, 1, 256), gap("@", 1, 1)],
    {
      startHidden: false,
      // A password with an @ of its own ends at the last one.
      again: [step(urlPassword, 0, 256), gap("@", 1, 1)],
    },
  ),
];
