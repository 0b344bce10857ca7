import type { Random } from "../../src/base/random";
import { Redactor } from "../../src/base/redaction/redactor";

/** A text with secrets in it, and what must come out. */
export interface RedactionCase {
  readonly redactor: Redactor;
  readonly secrets: readonly string[];
  readonly text: string;
  readonly expected: string;
}

interface Piece {
  readonly text: string;
  readonly expected: string;
}

const label = "secret value";
const hidden = `[hidden: ${label}]`;
/** In no alphabet of any reading: what stands on its two sides has nothing to do with each other. */
const border = "§";

const plainChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const oddChars = `${plainChars}+/=_-.%\\"'@:;&?# \t\nüß😀`;
const keyStarts = ["ghp_", "gho_", "AIza", "sk_live_", "npm_", "sk-ant-", "glpat-"];
const remarks = [
  "the quick brown fox ",
  "100 % \\n done\\",
  "%zz%4%25 ",
  "\\u00zz\\\\ \\x",
  "https://example.com/a?b=c:d ",
  "sk-loading ghp_short AKIA xoxb- eyJ. ",
  "VGhpcyBpcyBub3RoaW5nIHRvIGhpZGUu ",
  "0123456789abcdef0123456789abcdef ",
  "npm_config task-force ://",
  "-----BEGIN CERTIFICATE----- PRIVATE KEY-----",
  "Bearer of news, Basic ideas ",
  "ünïcödé 😀 \ud83d ",
  "\r\n\t\u0000\u001b[31m",
];

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[Math.floor(random.next() * from.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

function word(random: Random, length: number, alphabet: string): string {
  const letters = Array.from(alphabet);
  return Array.from({ length }, () => pick(random, letters)).join("");
}

function aSecret(random: Random): string {
  const length = 8 + below(random, 40);
  return `s${word(random, length, random.next() < 0.6 ? plainChars : oddChars)}9`;
}

const hex = (code: number, length: number): string => code.toString(16).padStart(length, "0");

function inUrl(random: Random, text: string): string {
  const upper = random.next() < 0.5;
  const every = random.next() < 0.3;
  const encode = (one: string): string => {
    const bytes = [...Buffer.from(one)].map(
      (byte) => `%${upper ? hex(byte, 2).toUpperCase() : hex(byte, 2)}`,
    );
    return every || /[^A-Za-z0-9_.-]/u.test(one) ? bytes.join("") : one;
  };
  return Array.from(text, encode).join("");
}

function inJson(random: Random, text: string): string {
  const how = below(random, 3);
  const plain = JSON.stringify(text).slice(1, -1);
  if (how === 0) return plain;
  if (how === 1) {
    return plain
      .replace(/\//gu, "\\/")
      .replace(/[\u0080-\uffff]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`);
  }
  return [...Array.from({ length: text.length }, (_one, at) => `\\u${hex(text.charCodeAt(at), 4)}`)].join("");
}

/** Encoded together with its neighbours; the characters that hold a bit of it are hidden. */
function inBase64(random: Random, secret: string): Piece {
  const before = "~".repeat(below(random, 4));
  const after = "~".repeat(below(random, 4));
  const encoded = Buffer.from(before + secret + after).toString(random.next() < 0.5 ? "base64" : "base64url");
  const from = Math.floor((before.length * 8) / 6);
  const to = Math.ceil(((before.length + Buffer.byteLength(secret)) * 8) / 6);
  const spelled = Array.from(
    encoded,
    random.next() < 0.3 ? (one) => (/[+/=]/u.test(one) ? encodeURIComponent(one) : one) : (one) => one,
  );
  const wrapEvery = random.next() < 0.3 ? 12 : Infinity;
  const parts = spelled.map((one, at) => (at > 0 && at % wrapEvery === 0 ? `\n${one}` : one));
  const start = parts[from]?.startsWith("\n") === true ? "\n" : "";
  return {
    text: parts.join(""),
    expected: parts.slice(0, from).join("") + start + hidden + parts.slice(to).join(""),
  };
}

function secretPiece(random: Random, secret: string): Piece {
  switch (below(random, 4)) {
    case 0:
      return { text: secret, expected: hidden };
    case 1:
      return { text: inUrl(random, secret), expected: hidden };
    case 2:
      return { text: inJson(random, secret), expected: hidden };
    default:
      return inBase64(random, secret);
  }
}

function keyPiece(random: Random): Piece {
  const redactor = new Redactor();
  const key = `${pick(random, keyStarts)}${word(random, 40, plainChars)}`;
  return { text: key, expected: redactor.redact(key) };
}

function plainPiece(random: Random, secrets: readonly string[]): Piece {
  const secret = pick(random, secrets);
  const remark = pick(random, remarks);
  const almost = secret.slice(0, below(random, secret.length));
  const short = word(random, below(random, 9), plainChars);
  const text = pick(random, [remark, remark, almost, `${almost}${remark}`, short, inUrl(random, almost)]);
  return { text, expected: text };
}

export function redactionCase(random: Random): RedactionCase {
  const secrets = Array.from({ length: 1 + below(random, 3) }, () => aSecret(random));
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret, label);
  redactor.add(word(random, 7, plainChars), label);
  const pieces = Array.from({ length: 1 + below(random, 8) }, () => {
    const kind = random.next();
    if (kind < 0.4) return plainPiece(random, secrets);
    return kind < 0.9 ? secretPiece(random, pick(random, secrets)) : keyPiece(random);
  });
  return {
    redactor,
    secrets,
    text: pieces.map((one) => one.text).join(border),
    expected: pieces.map((one) => one.expected).join(border),
  };
}

/** The text in pieces, some of them empty, some of a single character. */
export function chunksOf(random: Random, text: string): string[] {
  const chunks: string[] = [];
  const longest = pick(random, [1, 3, 20, text.length + 1]);
  for (let at = 0; at < text.length;) {
    const size = below(random, longest + 1);
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Which of the secrets a reader would find in the text, by decoding it in every way that is known here. */
export function leaksIn(secrets: readonly string[], text: string): readonly string[] {
  const readings = [text, unescaped(text), ...[unescaped(text), text].map(unpercented)];
  const runs = readings.flatMap((one) => one.replace(/\r?\n[ \t]*/gu, "").match(/[\w+/-]{8,}/gu) ?? []);
  const decoded = runs.flatMap((run) => [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), "base64")));
  return secrets.filter((secret) => {
    const bytes = Buffer.from(secret);
    return readings.some((one) => one.includes(secret)) || decoded.some((one) => one.includes(bytes));
  });
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|(.))/giu,
    (all, code: string | undefined, letter: string | undefined) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      const known: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };
      return letter === undefined ? all : (known[letter] ?? letter);
    },
  );
}

function unpercented(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (run) => Buffer.from(run.replace(/%/gu, ""), "hex").toString());
}

/** The case in one chunking: what came out, and the most that was held back. */
export function runChunks(
  { redactor }: RedactionCase,
  chunks: readonly string[],
): { out: string; held: number } {
  const stream = redactor.stream();
  let out = "";
  let held = 0;
  for (const chunk of chunks) {
    out += stream.push(chunk);
    held = Math.max(held, stream.heldBack);
  }
  return { out: out + stream.end(), held };
}
