import type { BuildOptions } from "esbuild";

export function panelBundle(production: boolean): BuildOptions;
