import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import * as z from "zod/mini";
import { codexBinary } from "./codexBinary";

/** The part of JSON Schema that codex and zod write. */
export interface Node {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly properties?: Readonly<Record<string, Node>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: Node | undefined;
  readonly allOf?: readonly Node[] | undefined;
  readonly anyOf?: readonly Node[] | undefined;
  readonly oneOf?: readonly Node[] | undefined;
}

const list = z.optional(z.array(z.lazy(() => nodeSchema)));
const nodeSchema: z.ZodMiniType<Node> = z.lazy(() =>
  z.union([
    // `true` stands for anything.
    z.pipe(
      z.literal(true),
      z.transform((): Node => ({})),
    ),
    z.looseObject({
      $ref: z.optional(z.string()),
      type: z.optional(z.union([z.string(), z.array(z.string())])),
      const: z.optional(z.unknown()),
      enum: z.optional(z.array(z.unknown())),
      properties: z.optional(z.record(z.string(), nodeSchema)),
      required: z.optional(z.array(z.string())),
      items: z.optional(nodeSchema),
      allOf: list,
      anyOf: list,
      oneOf: list,
    }),
  ]),
);

/** A JSON Schema of our own or of codex. Throws on one in an unknown form. */
export const readNode = (schema: unknown): Node => nodeSchema.parse(schema);

export type Direction = "ClientRequest" | "ClientNotification" | "ServerRequest" | "ServerNotification";

const bundleSchema = z.looseObject({
  definitions: z.looseObject({ v2: z.record(z.string(), z.unknown()) }),
});
const rootPlace = "#/definitions/";
const v2Place = "#/definitions/v2/";

/** What a codex says of its own protocol, experimental parts included. */
export class CodexSchema {
  readonly #places = new Map<string, Node>();
  readonly #ajv: Ajv;

  /** Throws on a schema in an unknown form. */
  constructor(bundle: unknown) {
    const { v2, ...root } = bundleSchema.parse(bundle).definitions;
    for (const [name, node] of Object.entries(root)) this.#places.set(rootPlace + name, readNode(node));
    for (const [name, node] of Object.entries(v2)) this.#places.set(v2Place + name, readNode(node));
    this.#ajv = new Ajv({ strict: false, validateFormats: false });
    // A field that we misspell, or that is gone, is not passed over.
    this.#ajv.addSchema({ definitions: closed({ ...root, v2 }) }, "codex");
  }

  /** The definition of a name, such as `ThreadItem`. Throws where there is none. */
  named(name: string): Node {
    return this.resolve({ $ref: this.#placeOf(name) });
  }

  /** The methods of one direction, each with the name of its params; undefined where it has none. */
  methods(direction: Direction): ReadonlyMap<string, string | undefined> {
    return new Map(
      (this.named(direction).oneOf ?? []).map((one) => [
        String(one.properties?.["method"]?.enum?.[0]),
        nameOf(one.properties?.["params"]),
      ]),
    );
  }

  /** What is wrong with a value of this name. */
  faults(name: string, value: unknown): readonly string[] {
    const validate = this.#ajv.compile({ $ref: `codex${this.#placeOf(name)}` });
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (one) => `${name}${one.instancePath} ${one.message ?? ""} ${JSON.stringify(one.params)}`,
    );
  }

  /** The node itself, behind its references. Throws on one that leads nowhere. */
  resolve(node: Node): Node {
    const only = node.allOf?.length === 1 ? node.allOf[0] : undefined;
    if (only !== undefined) return this.resolve(only);
    if (node.$ref === undefined) return node;
    const found = this.#places.get(node.$ref);
    if (found === undefined) throw new Error(`codex has no ${node.$ref}`);
    return this.resolve(found);
  }

  #placeOf(name: string): string {
    const place = [v2Place + name, rootPlace + name].find((one) => this.#places.has(one));
    if (place === undefined) throw new Error(`codex has no definition named ${name}`);
    return place;
  }
}

/** The last part of the reference in a node, which may allow null beside it. */
function nameOf(node: Node | undefined): string | undefined {
  const reference = node?.$ref ?? node?.anyOf?.find((one) => one.$ref !== undefined)?.$ref;
  return reference?.split("/").at(-1);
}

/** The same schema, where an object may have only the fields that are named. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const joined = ["anyOf", "oneOf", "allOf"].some((key) => key in value);
  // The fields of all members stand beside those of each: no member may be closed alone.
  if ("properties" in value && joined) return value;
  const entries = Object.entries(value).map(
    ([key, inner]: [string, unknown]) => [key, closed(inner)] as const,
  );
  const open = "properties" in value && !("additionalProperties" in value);
  return Object.fromEntries(open ? [...entries, ["additionalProperties", false]] : entries);
}

/** Asks the codex of the tests for its schema. */
export function generatedBundle(): unknown {
  const folder = mkdtempSync(join(tmpdir(), "codex-schema-"));
  try {
    execFileSync(codexBinary(), ["app-server", "generate-json-schema", "--experimental", "--out", folder], {
      env: { ...process.env, CODEX_HOME: folder },
      stdio: "ignore",
    });
    return JSON.parse(readFileSync(join(folder, "codex_app_server_protocol.schemas.json"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
