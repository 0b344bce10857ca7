import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { features, type Feature } from "./facts";

const shape = z.object({ ran: z.string(), gives: z.record(z.enum(features), z.string()) });
/** What a tool was seen to give when the contract ran with it. */
export type ContractResults = z.infer<typeof shape>;

const placeOf = (provider: string): string => join(import.meta.dirname, "results", `${provider}.json`);

/** As the latest run wrote it; docs/runtimes.md has its table from there. */
export function readResults(provider: string): ContractResults {
  return shape.parse(JSON.parse(readFileSync(placeOf(provider), "utf8")));
}

export function writeResults(provider: string, ran: string, gives: ReadonlyMap<Feature, string>): void {
  const sorted = Object.fromEntries(features.map((feature) => [feature, gives.get(feature) ?? "not tried"]));
  writeFileSync(placeOf(provider), `${JSON.stringify({ ran, gives: sorted }, null, 2)}\n`);
}
