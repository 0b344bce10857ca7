import type { Graces } from "./endFamily";

/** The keeper's file descriptors: the control pipe, then the tool's input, output and errors. */
export const descriptors = { control: 3, toolInput: 4, toolOutput: 5, toolErrors: 6 } as const;

/** What the host tells the keeper: one JSON object a line on the control pipe, `launch` first. */
export type ToKeeper =
  | {
      readonly kind: "launch";
      /** argv with the program's absolute path. */
      readonly command: readonly string[];
      readonly workingDirectory: string;
      /** The tool's whole environment. */
      readonly environment: Readonly<Record<string, string>>;
      /** `NAME=value`, part of the environment. */
      readonly marker: string;
    }
  | { readonly kind: "end"; readonly graces: Graces }
  /** Ends the politeness of an `end` that is under way. */
  | { readonly kind: "hurry" };

/** What the keeper tells the host. */
export type FromKeeper =
  | { readonly kind: "started"; readonly pid: number; readonly startedAt: string }
  /** The system's word on why the tool could not be started, for example `ENOENT`. */
  | { readonly kind: "refused"; readonly code: string }
  /** How the tool itself has ended, for example `exit code 1`; what it has started may still live. */
  | { readonly kind: "exited"; readonly how: string }
  /** An `end` is under way, and the tool may see the end of its input. */
  | { readonly kind: "noted" }
  /** An `end` is done; the keeper ends now. */
  | { readonly kind: "gone"; readonly left: number };

/**
 * Cuts a stream into its lines and reads each. The other side is another half of this program, so that a line which is
 * not understood is an error. Throws on it.
 */
export class WireReader<T> {
  readonly #parse: (value: unknown) => T | undefined;
  readonly #onMessage: (message: T) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(parse: (value: unknown) => T | undefined, onMessage: (message: T) => void) {
    this.#parse = parse;
    this.#onMessage = onMessage;
  }

  push(chunk: Uint8Array): void {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    for (let end = this.#rest.indexOf("\n"); end >= 0; end = this.#rest.indexOf("\n")) {
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 1);
      const message = this.#parse(JSON.parse(line));
      if (message === undefined) throw new Error("a message between host and keeper was not understood");
      this.#onMessage(message);
    }
  }
}

export function lineOf(message: ToKeeper | FromKeeper): string {
  return `${JSON.stringify(message)}\n`;
}

export function parseToKeeper(value: unknown): ToKeeper | undefined {
  const message = fieldsOf(value);
  const { kind, command, workingDirectory, marker } = message;
  if (kind === "hurry") return { kind };
  if (kind === "end") {
    const { afterEndOfInputMs, afterTermMs, sweepMs } = fieldsOf(message["graces"]);
    if (!isNumber(afterEndOfInputMs) || !isNumber(afterTermMs) || !isNumber(sweepMs)) return undefined;
    return { kind, graces: { afterEndOfInputMs, afterTermMs, sweepMs } };
  }
  const environment = Object.entries(fieldsOf(message["environment"]));
  if (kind !== "launch" || typeof workingDirectory !== "string" || typeof marker !== "string") {
    return undefined;
  }
  if (!Array.isArray(command) || !command.every(isText) || !environment.every(isTextField)) return undefined;
  return { kind, command, workingDirectory, marker, environment: Object.fromEntries(environment) };
}

export function parseFromKeeper(value: unknown): FromKeeper | undefined {
  const { kind, pid, startedAt, code, how, left } = fieldsOf(value);
  if (kind === "started" && isNumber(pid) && isText(startedAt)) return { kind, pid, startedAt };
  if (kind === "refused" && isText(code)) return { kind, code };
  if (kind === "exited" && isText(how)) return { kind, how };
  if (kind === "noted") return { kind };
  if (kind === "gone" && isNumber(left)) return { kind, left };
  return undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isTextField = (field: [string, unknown]): field is [string, string] => isText(field[1]);
