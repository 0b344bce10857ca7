import type { BuildOptions } from "esbuild";

export function nodeBundle(production: boolean): BuildOptions;
export function extensionBundle(production: boolean): BuildOptions;
