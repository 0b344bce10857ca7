import { parse } from "yaml";
import * as z from "zod/mini";

const parameterSchema = z.object({
  $ref: z.optional(z.string()),
  in: z.optional(z.enum(["path", "query"])),
  name: z.optional(z.string()),
  required: z.optional(z.boolean()),
});
const responseSchema = z.object({
  $ref: z.optional(z.string()),
  content: z.optional(z.record(z.string(), z.unknown())),
});
const operationSchema = z.object({
  operationId: z.string(),
  security: z.optional(z.array(z.unknown())),
  parameters: z.optional(z.array(parameterSchema)),
  requestBody: z.optional(z.object({ content: z.record(z.string(), z.unknown()) })),
  responses: z.record(z.string(), responseSchema),
});
const pathSchema = z.object({
  parameters: z.optional(z.array(parameterSchema)),
  get: z.optional(operationSchema),
  post: z.optional(operationSchema),
  patch: z.optional(operationSchema),
});
const documentSchema = z.object({
  paths: z.record(z.string(), pathSchema),
  components: z.object({ parameters: z.record(z.string(), parameterSchema) }),
});

export type Method = "GET" | "POST" | "PATCH";

/** One parameter, with the JSON pointer of its schema. */
interface Parameter {
  readonly in: "path" | "query";
  readonly name: string;
  readonly required: boolean;
  readonly schemaAt: string;
}

/** One operation of the contract; `…At` are JSON pointers into the document. */
export interface Operation {
  readonly operationId: string;
  readonly method: Method;
  readonly path: string;
  readonly public: boolean;
  readonly parameters: readonly Parameter[];
  readonly bodies: ReadonlyMap<string, string>;
  readonly responses: ReadonlyMap<number, string | undefined>;
}

export interface ContractDocument {
  readonly root: Record<string, unknown>;
  readonly operations: readonly Operation[];
}

/** Reads the OpenAPI document. Throws where it is not one: the text ships with the product. */
export function readContract(yaml: string): ContractDocument {
  const raw: unknown = parse(yaml);
  // The validators need the document as it stands; the parsed copy has only what is read here.
  const root = z.parse(z.record(z.string(), z.unknown()), raw);
  const known = z.parse(documentSchema, raw);
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(known.paths)) {
    const shared = (item.parameters ?? []).map((one, index) => ({ one, at: pointer("paths", path, "parameters", index) }));
    for (const [method, name] of [["GET", "get"], ["POST", "post"], ["PATCH", "patch"]] as const) {
      const operation = item[name];
      if (!operation) continue;
      const at = pointer("paths", path, name);
      const own = (operation.parameters ?? []).map((one, index) => ({ one, at: `${at}/parameters/${index}` }));
      operations.push({
        operationId: operation.operationId,
        method,
        path,
        public: operation.security?.length === 0,
        parameters: [...shared, ...own].map(({ one, at }) => resolveParameter(known.components.parameters, one, at)),
        bodies: contentSchemas(operation.requestBody?.content, `${at}/requestBody`),
        responses: new Map(
          Object.entries(operation.responses).map(([status, one]) => [
            Number(status),
            responseSchemaAt(one, root, `${at}/responses/${status}`),
          ]),
        ),
      });
    }
  }
  return { root, operations };
}

function resolveParameter(shared: Record<string, z.infer<typeof parameterSchema>>, one: z.infer<typeof parameterSchema>, at: string): Parameter {
  const name = one.$ref?.split("/").at(-1);
  const real = name === undefined ? one : shared[name];
  if (!real?.in || real.name === undefined) throw new Error(`The contract's parameter at ${at} cannot be read.`);
  const schemaAt = name === undefined ? `${at}/schema` : pointer("components", "parameters", name, "schema");
  return { in: real.in, name: real.name, required: real.required === true, schemaAt };
}

function contentSchemas(content: Record<string, unknown> | undefined, at: string): Map<string, string> {
  return new Map(Object.keys(content ?? {}).map((type) => [type, `${at}${pointer("content", type, "schema")}`]));
}

function responseSchemaAt(one: z.infer<typeof responseSchema>, root: Record<string, unknown>, at: string): string | undefined {
  const target = one.$ref?.slice(1) ?? at;
  const content = one.$ref === undefined ? one.content : lookUp(root, one.$ref)["content"];
  return z.safeParse(z.looseObject({ "application/json": z.looseObject({}) }), content).success
    ? `${target}${pointer("content", "application/json", "schema")}`
    : undefined;
}

function lookUp(root: Record<string, unknown>, ref: string): Record<string, unknown> {
  let node: Record<string, unknown> = root;
  for (const part of ref.split("/").slice(1)) node = z.parse(z.record(z.string(), z.unknown()), node[part]);
  return node;
}

/** A JSON pointer as it stands in a URI fragment. */
function pointer(...parts: readonly (string | number)[]): string {
  return parts
    .map((one) => `/${encodeURIComponent(String(one).replaceAll("~", "~0").replaceAll("/", "~1"))}`)
    .join("");
}
