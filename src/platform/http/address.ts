import { PlatformError } from "../../core/platformError";
import { operations, type OperationId } from "../wire/operations";

/** Values for the `{name}` parts of a path. */
export type PathValues = Readonly<Record<string, string>>;

/** The address of an operation. Throws PlatformError (`badRequest`) for an id that could change the path. */
export function addressOf(
  origin: string,
  id: OperationId,
  values: PathValues = {},
  query: Readonly<Record<string, string>> = {},
): URL {
  const path = operations[id].path.replace(/\{(\w+)\}/gu, (_whole, name: string) => {
    const value = values[name] ?? "";
    // The URL parser would resolve these, and the call would reach another path.
    if (value === "" || value === "." || value === "..") {
      throw new PlatformError(`${id}: "${value}" is no usable ${name}`, {
        reason: "badRequest",
        outcome: "refused",
        operation: id,
      });
    }
    return encodeURIComponent(value);
  });
  const url = new URL(path, origin);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
