import { keyTable, knownModes, type JsonSchema } from "./keyTable";

interface GroupSchema {
  readonly type: readonly string[];
  readonly description: string;
  readonly properties?: Readonly<Record<string, object>>;
  readonly additionalProperties?: object;
}

/**
 * The front matter as a JSON Schema, for tools outside the editor. It refuses nothing that the worker takes: unknown keys
 * pass, an empty value means the default. What no schema can say (whether a command line needs a shell) the worker checks.
 */
export function frontMatterJsonSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Front matter of WORKFLOW.md, One Horizon Worker",
    type: ["object", "null"],
    properties: propertiesUnder(""),
  };
}

function propertiesUnder(prefix: string): Readonly<Record<string, object>> {
  const names = Object.keys(keyTable).flatMap((key) => {
    const name = key.slice(prefix.length);
    return key.startsWith(prefix) && !name.includes(".") ? [name] : [];
  });
  return Object.fromEntries(names.map((name) => [name, schemaOf(`${prefix}${name}`)]));
}

function schemaOf(key: string): object {
  const facts = keyTable[key];
  if (facts === undefined) return {};
  const { about, byDefault, consent, schema } = facts;
  if (schema === undefined) return groupSchema(key, about);
  const parts = [about, `Default: ${byDefault}.`, consent ?? ""];
  return { description: parts.filter((part) => part !== "").join(" "), ...orEmpty(schema) };
}

function groupSchema(key: string, description: string): GroupSchema {
  const group: GroupSchema = { type: ["object", "null"], description };
  if (key !== "runtime.modes") return { ...group, properties: propertiesUnder(`${key}.`) };
  const mode = schemaOf("runtime.modes.*");
  const properties = Object.fromEntries(knownModes.map((name) => [name, mode]));
  return { ...group, properties, additionalProperties: mode };
}

function orEmpty(schema: JsonSchema): object {
  if (schema.enum !== undefined) return { ...schema, enum: [...schema.enum, null] };
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  return { ...schema, type: [schema.type, "null"] };
}
