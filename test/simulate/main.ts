import { mutants } from "./mutants";
import { useQuickAbort } from "./quickAbort";
import { simulate } from "./simulate";

/** What the parent asks for; see run.mjs. */
interface Order {
  readonly from: number;
  readonly seeds: number;
  readonly step: number;
  readonly trace: boolean;
  /** Tells the hash of each trace. */
  readonly hashes: boolean;
  /** Tells of each mutant by which seed it is caught. */
  readonly mutants: boolean;
  readonly mutant: string | undefined;
}

/** How often the parent hears of the progress. */
const batch = 100;

function orderOf(args: readonly string[]): Order {
  const value = (name: string): string | undefined => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? undefined : args[at + 1];
  };
  const number = (name: string, usual: number): number => {
    const given = Number(value(name) ?? usual);
    if (!Number.isSafeInteger(given) || given < 0) throw new Error(`--${name} takes a whole number`);
    return given;
  };
  const one = value("seed");
  return {
    from: one === undefined ? number("from", 1) : number("seed", 1),
    seeds: one === undefined ? number("seeds", 2000) : 1,
    step: number("step", 1),
    trace: args.includes("--trace"),
    hashes: args.includes("--hashes") || one !== undefined,
    mutants: args.includes("--mutants"),
    mutant: value("mutant"),
  };
}

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function runSeeds(order: Order): Promise<void> {
  const mutant = order.mutant === undefined ? undefined : mutants.get(order.mutant);
  if (order.mutant !== undefined && mutant === undefined) {
    throw new Error(`there is no mutant ${order.mutant}`);
  }
  let done = 0;
  let events = 0;
  for (let index = 0; index < order.seeds; index += 1) {
    const seed = order.from + index * order.step;
    const result = await simulate(seed, { keepTrace: order.trace, ...(mutant && { mutant }) });
    for (const line of result.lines ?? []) process.stdout.write(`${line}\n`);
    if (order.hashes) tell({ seed, hash: result.hash });
    if (result.failure !== undefined) tell({ seed, failure: result.failure });
    done += 1;
    events += result.events;
    if (done % batch !== 0 && index + 1 < order.seeds) continue;
    tell({ done, events });
    done = 0;
    events = 0;
  }
}

async function runMutants(order: Order): Promise<void> {
  for (const [name, mutant] of mutants) {
    let failure: string | undefined;
    let tried = 0;
    for (; failure === undefined && tried < order.seeds; tried += 1) {
      failure = (await simulate(order.from + tried, { mutant })).failure;
    }
    tell({ mutant: name, tried, failure });
  }
}

async function main(): Promise<void> {
  // The core makes errors by the thousand that nobody reads, and abort signals by the ten thousand.
  Error.stackTraceLimit = Number(process.env["STACK"] ?? "0");
  useQuickAbort();
  const order = orderOf(process.argv.slice(2));
  await (order.mutants ? runMutants(order) : runSeeds(order));
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 2;
});
