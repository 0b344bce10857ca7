import type { Life } from "./life";
import type { WindowPorts } from "./window";
import type { SimWorld } from "./world";

/** Replaces ports of a process, as if the core behind them were wrong. */
export type Mutant = (ports: WindowPorts, world: SimWorld, life: Life) => WindowPorts;

export const unchanged: Mutant = (ports) => ports;
