import assert from "node:assert/strict";
import { asWritten, translateBy } from "../../../src/base/words";
import { Store } from "../../../src/core/store";
import { pseudo } from "../../fakes/pseudo";

describe("the state in another language", () => {
  const fault = "Codex is not signed in. Nothing was changed.";
  const detail = "The branch a/b is gone.";
  const texts = { "Codex is not signed in": "", "Nothing was changed.": "", "The branch {0} is gone.": "" };
  let store: Store;
  let end: () => void;
  beforeEach(() => {
    end = translateBy((message, ...values) => asWritten(pseudo(message), ...values), texts);
    store = new Store((error) => {
      throw error;
    });
  });
  afterEach(() => {
    store.dispose();
    end();
  });

  it("has what was written for the platform too in the language of the person", () => {
    store.dispatch({ kind: "faulted", fault: { reason: "notSignedIn", message: fault, since: 1 } });
    assert.equal(
      store.state.fault?.message,
      `${pseudo("Codex is not signed in")}. ${pseudo("Nothing was changed.")}`,
    );
    store.dispatch({ kind: "pollFailed", at: 1, message: detail });
    assert.equal(store.state.lastPollError, asWritten(pseudo("The branch {0} is gone."), "a/b"));
    store.dispatch({ kind: "phaseChanged", phase: { kind: "rejected", message: detail } });
    assert.deepEqual(store.state.phase, {
      kind: "rejected",
      message: asWritten(pseudo("The branch {0} is gone."), "a/b"),
    });
  });

  it("keeps what nobody translated, such as the words of git", () => {
    store.dispatch({ kind: "pollFailed", at: 1, message: "fatal: no such ref" });
    assert.equal(store.state.lastPollError, "fatal: no such ref");
  });
});
