import { parseArgs } from "node:util";
import { scriptNames } from "./model/scripts";

/** What the sandbox was started with. */
export interface CommandLine {
  readonly dataDir: string | undefined;
  readonly host: string | undefined;
  readonly port: number;
  readonly modelPort: number;
  readonly modelScript: string;
  readonly modelPaceMs: number;
  readonly callbacks: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly exitsWithParent: boolean;
}

/** Reads argv (without the program). Throws with a message for the user where it does not fit. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      "data-dir": { type: "string" },
      host: { type: "string" },
      port: { type: "string", default: "0" },
      "model-port": { type: "string", default: "0" },
      "model-script": { type: "string", default: "default" },
      "model-pace-ms": { type: "string", default: "600" },
      callback: { type: "string", multiple: true, default: [] },
      "allow-host": { type: "string", multiple: true, default: [] },
      "exit-with-parent": { type: "boolean", default: false },
    },
  });
  if (!scriptNames.includes(values["model-script"])) {
    throw new Error(`--model-script takes one of: ${scriptNames.join(", ")}`);
  }
  return {
    dataDir: values["data-dir"],
    host: values.host,
    port: wholeNumber("--port", values.port, 65_535),
    modelPort: wholeNumber("--model-port", values["model-port"], 65_535),
    modelScript: values["model-script"],
    modelPaceMs: wholeNumber("--model-pace-ms", values["model-pace-ms"], 60_000),
    callbacks: values.callback,
    allowedHosts: values["allow-host"],
    exitsWithParent: values["exit-with-parent"],
  };
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new Error(`${name} takes a whole number up to ${max}.`);
  }
  return value;
}
