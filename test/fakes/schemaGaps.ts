import type { CodexSchema, Node } from "./codexSchema";

/**
 * What codex may send and our schema would not take, or would look for in vain: one line for each, empty when all that codex
 * says of itself fits.
 */
export function gaps(codex: CodexSchema, ours: Node, theirs: Node, at: string): readonly string[] {
  const takes = variants(codex, ours);
  if (takes.some(isAnything)) return [];
  const sends = variants(codex, theirs);
  const objects = sends.filter((one) => kindOf(one) === "object");
  const record = takes.find((one) => kindOf(one) === "object");
  const inObjects = record === undefined ? [] : objectGaps(codex, record, objects, at);
  return [...sends.flatMap((one) => kindGaps(codex, takes, one, at)), ...inObjects];
}

/** Every word of an enum, a union of words and objects, or a union of objects with a type. */
export function words(codex: CodexSchema, name: string): readonly string[] {
  return variants(codex, codex.named(name)).flatMap((one) => {
    if (one.enum !== undefined) return one.enum.map(String);
    const type = one.properties?.["type"]?.enum;
    return type === undefined ? Object.keys(one.properties ?? {}) : type.map(String);
  });
}

/** The member of a union of objects that has this type. */
export function memberOf(codex: CodexSchema, union: Node, type: string): Node | undefined {
  return variants(codex, union).find((one) => {
    const tag = one.properties?.["type"];
    return tag?.const === type || tag?.enum?.includes(type) === true;
  });
}

function kindGaps(codex: CodexSchema, takes: readonly Node[], sent: Node, at: string): readonly string[] {
  const kind = kindOf(sent);
  const wanted = takes.filter((one) => kindOf(one) === kind);
  const [first] = wanted;
  if (first === undefined) {
    return [`${at}: codex may send ${kind ?? "anything"}, and we take ${takes.map(kindOf).join(" or ")}`];
  }
  if (kind === "array") return gaps(codex, first.items ?? {}, sent.items ?? {}, `${at}[]`);
  const known = wanted.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
  if (known.length === 0 || kind === "object") return [];
  const unknown = (sent.enum ?? ["any other"]).filter((one) => !known.includes(one));
  return unknown.map((one) => `${at}: codex may send ${String(one)}, and we take ${known.join(" or ")}`);
}

function objectGaps(codex: CodexSchema, ours: Node, objects: readonly Node[], at: string): readonly string[] {
  return Object.entries(ours.properties ?? {}).flatMap(([key, node]) => {
    const place = `${at}.${key}`;
    const known = objects.flatMap((one) => one.properties?.[key] ?? []);
    if (objects.length > 0 && known.length === 0) return [`${place}: codex knows no such field`];
    const sure = objects.every((one) => one.required?.includes(key));
    const needed = ours.required?.includes(key) === true;
    const missing = needed && !sure ? [`${place}: codex may leave it out, and we need it`] : [];
    return [...missing, ...known.flatMap((one) => gaps(codex, node, one, place))];
  });
}

/** What a node can be, one by one. */
function variants(codex: CodexSchema, given: Node): readonly Node[] {
  const node = codex.resolve(given);
  const union = node.oneOf ?? node.anyOf;
  if (union !== undefined) {
    return union.flatMap((one) => variants(codex, one)).map((one) => joined(node, one));
  }
  if (typeof node.type === "object") return node.type.map((type) => ({ ...node, type }));
  return [node];
}

/** A member of a union, with what the union itself says of all its members. */
function joined(union: Node, member: Node): Node {
  if (union.properties === undefined) return member;
  const properties = { ...union.properties, ...member.properties };
  return { ...member, properties, required: [...(union.required ?? []), ...(member.required ?? [])] };
}

function kindOf({ type, properties, enum: list }: Node): string | undefined {
  if (type === "integer") return "number";
  if (typeof type === "string") return type;
  if (properties !== undefined) return "object";
  return list === undefined ? undefined : "string";
}

function isAnything(node: Node): boolean {
  return kindOf(node) === undefined && node.const === undefined;
}
