import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import { stringify } from "yaml";
import * as z from "zod/mini";
import { frontMatterJsonSchema } from "../../../src/workflow/jsonSchema";
import { keyTable } from "../../../src/workflow/keyTable";
import { defaultWorkflowConfig, parseWorkflow } from "../../../src/workflow/parseWorkflow";
import { frontMatterSchema } from "../../../src/workflow/schema";

const file = join(__dirname, "../../../schemas/workflow.schema.json");
const home = "/home/ada";

describe("the JSON schema of the front matter", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false, strictTuples: false });
  const validate = ajv.compile(frontMatterJsonSchema());
  const keys = Object.keys(keyTable).filter((key) => keyTable[key]?.schema !== undefined);

  it("is the file that ships", () => {
    const schema = frontMatterJsonSchema();
    // Written anew on request: UPDATE_SCHEMA=1 npx mocha test/unit/workflow/jsonSchema.test.ts, then Prettier
    if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(file, JSON.stringify(schema));
    assert.ok(existsSync(file));
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), schema);
  });

  it("has the keys that are parsed, and no other", () => {
    const parsed = leaves(z.toJSONSchema(frontMatterSchema, { unrepresentable: "any" }));
    assert.deepEqual([...keys].sort(), parsed.sort());
  });

  it("names the defaults that hold", () => {
    const { instructions: _, ...defaults } = defaultWorkflowConfig(home);
    for (const key of keys) {
      const own = keyTable[key]?.schema?.default;
      if (own === undefined) continue;
      const parsed = parseWorkflow(`---\n${stringify(at(key, own))}---\n`, home);
      assert.ok(parsed.kind === "ok", key);
      const { instructions: __, ...config } = parsed.config;
      assert.deepEqual(config, defaults, key);
    }
  });

  const values: readonly unknown[] = [
    ...[null, true, false, 0, -1, 1, 1.5, 10, 11, 29, 30, 64, 65, 99, 100, 999, 1000, 60_000, 86_400, 86_401],
    ...[3_600_000, 3_600_001, 86_400_000, 86_400_001, "", "1", "x", "X", "medium", "task", "repository"],
    ...["codex", "claude", "read-only", "workspace-write", "danger-full-access", "never", "on-request"],
    ...[
      "untrusted",
      "always",
      "codex app-server",
      "~",
      "~/trees",
      "~bob/trees",
      "/trees",
      "trees",
      "a\u0007b",
    ],
    ...[
      "release/1.x",
      "--upload-pack=x",
      "a..b",
      "a b",
      "a.lock",
      "a//b",
      "@",
      "a@{b",
      "ends/",
      ".dot",
      "a/.b",
    ],
    ...["gpt-5.1-codex", "-model", "m".repeat(201), "e".repeat(21), "b".repeat(256), "c".repeat(8193)],
    ...[
      [],
      ["A"],
      ["A", 1],
      ["B=C"],
      [""],
      ["npm", "ci"],
      ["a\0b"],
      [".env"],
      ["../secret"],
      ["a/../b"],
      ["/etc"],
    ],
    ...[
      ["!x"],
      ["C:\\x"],
      ["a/.GIT/config"],
      [".gitignore"],
      ["a/..b"],
      Array.from({ length: 257 }, () => "x"),
    ],
    ...[Array.from({ length: 101 }, () => "x"), {}, { a: 1 }],
  ];
  for (const key of Object.keys(keyTable)) {
    it(`judges ${key} as the worker does`, () => {
      for (const value of values) {
        // Whether a command line needs a shell is more than a schema can say.
        if (key.endsWith(".command") && typeof value === "string" && value !== "") continue;
        const matter = at(key, value);
        const kind = parseWorkflow(`---\n${stringify(matter)}---\n`, home).kind;
        assert.equal(
          validate(matter),
          kind === "ok",
          `${key}: ${JSON.stringify(value).slice(0, 100)} is ${kind}`,
        );
      }
    });
  }

  it("lets pass what is unknown, and an empty front matter", () => {
    for (const matter of [
      null,
      {},
      { future: 1 },
      { agent: { more: [] } },
      { runtime: { modes: { own: {} } } },
    ]) {
      assert.equal(validate(matter), true, JSON.stringify(matter));
    }
    assert.equal(validate([]), false);
    assert.equal(validate("text"), false);
  });
});

/** The value at a key, with the groups around it; `*` is a mode that nobody has heard of. */
function at(key: string, value: unknown): unknown {
  return key
    .split(".")
    .reduceRight((inner: unknown, name) => ({ [name === "*" ? "own" : name]: inner }), value);
}

/** The keys of the parser's own schema, in the table's spelling. */
function leaves(schema: unknown, path = ""): string[] {
  if (!isRecord(schema)) return [];
  const { properties, additionalProperties } = schema;
  if (isRecord(properties)) {
    return Object.entries(properties).flatMap(([name, one]) =>
      leaves(one, path === "" ? name : `${path}.${name}`),
    );
  }
  return isRecord(additionalProperties) && path.endsWith("modes")
    ? leaves(additionalProperties, `${path}.*`)
    : [path];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
