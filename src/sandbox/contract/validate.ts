import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { badRequest, claimInactive, Refusal } from "../refusal";
import { readContract, type Method, type Operation } from "./document";

export interface Match {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

/** The contract as a judge: which operation a request is, and whether request and answer fit. */
export interface Contract {
  readonly operations: readonly Operation[];
  /** `undefined`: no such path. A known path with another method throws 405. */
  match(method: string, path: string): Match | undefined;
  /** Throws the refusal for a query that does not fit; gives the values with their declared types and defaults. */
  checkQuery(operation: Operation, query: URLSearchParams): Record<string, unknown>;
  /** Throws the refusal for a body that does not fit. */
  checkBody(operation: Operation, contentType: string, body: unknown): void;
  /** Throws when the sandbox itself breaks the contract. */
  checkAnswer(operation: Operation, status: number, body: unknown): void;
}

const documentId = "contract";

export function createContract(yaml: string): Contract {
  const document = readContract(yaml);
  const strict = compiler(document.root, false);
  const coercing = compiler(document.root, true);
  const routes = document.operations.map((operation) => ({ operation, pattern: routePattern(operation.path) }));
  return {
    operations: document.operations,
    match: (method, path) => findRoute(routes, method, path),
    checkQuery: (operation, query) => {
      const values: Record<string, unknown> = {};
      for (const one of operation.parameters.filter((one) => one.in === "query")) {
        const holder = { value: query.get(one.name) ?? undefined };
        if (holder.value === undefined) {
          if (one.required) throw badRequest(`The query parameter ${one.name} is missing.`);
          continue;
        }
        if (query.getAll(one.name).length > 1) throw badRequest(`The query parameter ${one.name} is given twice.`);
        const validate = coercing(one.schemaAt);
        if (!validate(holder)) throw badRequest(`The query parameter ${one.name} ${explain(validate.errors)}.`);
        values[one.name] = holder.value;
      }
      return values;
    },
    checkBody: (operation, contentType, body) => {
      const at = operation.bodies.get(contentType);
      if (at === undefined) throw new Refusal(415, `The content type must be ${[...operation.bodies.keys()].join(" or ")}.`);
      const validate = strict(at);
      if (validate({ value: body })) return;
      if (onlyClaimIdMissing(operation, validate.errors)) throw claimInactive();
      throw badRequest(`The body ${explain(validate.errors)}.`);
    },
    checkAnswer: (operation, status, body) => {
      const at = operation.responses.get(status);
      if (at === undefined) return;
      const validate = strict(at);
      if (!validate({ value: body })) {
        throw new Error(`The sandbox's own answer to ${operation.operationId} ${explain(validate.errors)}.`);
      }
    },
  };
}

/** Validators wrap the value in an object, because coercion can only write into a holder. */
function compiler(root: Record<string, unknown>, coerceTypes: boolean): (at: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes, useDefaults: coerceTypes });
  addFormats(ajv);
  ajv.addFormat("binary", true);
  ajv.addSchema(root, documentId, false, false);
  const known = new Map<string, ValidateFunction>();
  return (at) => {
    const validate =
      known.get(at) ??
      ajv.compile({ type: "object", properties: { value: { $ref: `${documentId}#${at}` } }, required: ["value"] });
    known.set(at, validate);
    return validate;
  };
}

interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
}

function routePattern(path: string): RegExp {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${source}$`);
}

function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const here = routes.filter(({ pattern }) => pattern.test(path));
  const [first] = here;
  if (!first) return undefined;
  const route = here.find(({ operation }) => operation.method === method);
  if (!route) {
    const allow = here.map(({ operation }): Method => operation.method).join(", ");
    throw new Refusal(405, `This path answers ${allow} only.`, undefined, { allow });
  }
  const found = route.pattern.exec(path)?.groups ?? {};
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(found)) params[name] = decode(value);
  return { operation: route.operation, params };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest("The path is not valid.");
  }
}

/** A call without any claimId is a call without the active one, which the contract answers with 409. */
function onlyClaimIdMissing(operation: Operation, errors: ErrorObject[] | null | undefined): boolean {
  return (
    operation.responses.has(409) &&
    errors?.length === 1 &&
    errors[0]?.keyword === "required" &&
    errors[0].instancePath === "/value" &&
    errors[0].params["missingProperty"] === "claimId"
  );
}

function explain(errors: ErrorObject[] | null | undefined): string {
  const said = (errors ?? []).slice(0, 3).map((one) => {
    const where = one.instancePath.replace(/^\/value\/?/, "");
    const extra: unknown = one.params["additionalProperty"];
    const what = typeof extra === "string" ? `has the unknown field ${extra}` : (one.message ?? "does not fit");
    return where === "" ? what : `at ${where} ${what}`;
  });
  return said.join("; ") || "does not fit";
}
