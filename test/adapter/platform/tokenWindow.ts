// A window in a process of its own that can be killed: a sign-in over the machine's own primitives.
import { createInterface } from "node:readline";
import { neverAborted } from "../../../src/base/abort";
import { tokenSetSchema } from "../../../src/platform/oauth/tokenSet";
import { openWindow, type TokenWindow } from "./tokenWindows";

const [folder = "", origin = "", clientId = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const window = await openWindow(folder, { origin, clientId });
  for await (const line of createInterface({ input: process.stdin })) {
    const [order = "", text = ""] = line.split("\t");
    const answer = await obey(window, order, text).catch((error: unknown) => `failed: ${String(error)}`);
    process.stdout.write(`${answer}\n`);
  }
}

async function obey({ tokens, secrets }: TokenWindow, order: string, text: string): Promise<string> {
  switch (order) {
    case "adopt": {
      const json: unknown = JSON.parse(text);
      await tokens.adopt(tokenSetSchema.parse(json));
      return "adopted";
    }
    case "stored":
      return JSON.stringify([...secrets.values]);
    case "renew":
      return await tokens.renew(text, neverAborted);
    default:
      return "unknown";
  }
}

void main();
