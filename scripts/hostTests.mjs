// `npm run test:host`: brings what is missing, then runs test/host/run.mjs in this process, arguments included.
import { ensureRootTools } from "./bootstrap.mjs";

try {
  ensureRootTools();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
await import("../test/host/run.mjs");
