import * as z from "zod/mini";

/** A text that may be missing or null; both become undefined. */
export const maybeText = z.pipe(
  z.nullish(z.string()),
  z.transform((value) => value ?? undefined),
);

/** A text that is needed for nothing: missing or null becomes empty. */
export const textOrEmpty = z.pipe(
  z.nullish(z.string()),
  z.transform((value) => value ?? ""),
);

/** A part that may be missing or null; both become undefined. */
export function maybe<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );
}

/** A list that may be missing or null; both become empty. */
export function listOf<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(z.array(schema)),
    z.transform((value) => value ?? []),
  );
}
