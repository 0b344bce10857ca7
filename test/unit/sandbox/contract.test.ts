import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { handlers } from "../../../src/sandbox/api/operations";
import { createContract } from "../../../src/sandbox/contract/validate";
import { sandboxAssets } from "../../fakes/sandbox";

const repository = join(import.meta.dirname, "..", "..", "..");
const vendored = join(repository, "src", "sandbox", "contract");
const shared = join(repository, "..", "shared", "platform");

describe("the sandbox's contract", () => {
  it("has a handler for each operation and no handler without one", () => {
    const operations = createContract(sandboxAssets().openapi).operations;
    const named = operations.filter((one) => !one.public).map((one) => one.operationId);
    assert.equal(operations.length, 22);
    assert.deepEqual(Object.keys(handlers).toSorted(), named.toSorted());
  });

  for (const name of ["openapi.yaml", "contract.md"]) {
    it(`is the shared ${name}, where that is present`, () => {
      // A clone of the repository alone has nothing beside it to compare with.
      const original = join(shared, name);
      const copy = readFileSync(join(vendored, name), "utf8");
      assert.equal(copy, existsSync(original) ? readFileSync(original, "utf8") : copy);
    });
  }
});
