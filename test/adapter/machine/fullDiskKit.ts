import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Configuration } from "../../../src/core/ports/configurations";

export const firstWorker = "worker-1";
export const otherWorker = "worker-2";
export const origin = "https://onehorizon.ai";

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
export const spentPath = (state: string): string => join(state, "spent-tokens");

export function configurationOf(folder: string, workerId: string): Configuration {
  return {
    origin,
    clientId: "client",
    userId: "u1",
    workspaceId: "w1",
    workspaceName: "Acme",
    agentId: "a1",
    agentName: "Builder",
    workerId,
    idempotencyKey: "0123456789abcdef",
    folder,
    stoppedByPerson: false,
  };
}
