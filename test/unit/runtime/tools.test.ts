import assert from "node:assert/strict";
import * as z from "zod/mini";
import { readToolCall, toolArguments, toolSpecs } from "../../../src/runtime/tools";

describe("the worker's tools for the model", () => {
  it("have the names and arguments of the interface", () => {
    const offered = toolSpecs().map(({ name, inputSchema }) => {
      assert.ok("properties" in inputSchema);
      assert.ok("required" in inputSchema && Array.isArray(inputSchema.required));
      const { properties, required } = inputSchema;
      assert.ok(typeof properties === "object" && properties !== null);
      const names = Object.keys(properties).map((key) => (required.includes(key) ? key : `${key}?`));
      return `${name} {${names.join(", ")}}`;
    });
    assert.deepEqual(offered, [
      "report_progress {message}",
      "request_input {question, options?}",
      "delegate_work {prompt, title?, target_worker_id?, target_group_id?}",
      "set_review_verdict {verdict, reason}",
      "write_document {title, content}",
    ]);
  });

  it("are offered with the schemas that read their arguments", () => {
    for (const { name, inputSchema } of toolSpecs()) {
      const [, schema] = Object.entries(toolArguments).find(([key]) => key === name) ?? [];
      assert.ok(schema !== undefined, name);
      const { $schema: _draft, ...made } = z.toJSONSchema(schema, { io: "input" });
      assert.deepEqual(inputSchema, made, name);
    }
  });

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ["report_progress", undefined, /arguments: it has to be there and of the type object/],
    ["report_progress", { message: "  " }, /message: it is empty/],
    ["report_progress", { message: "x".repeat(4001) }, /message: it is longer than 4000/],
    ["report_progress", { message: "x", extra: 1 }, /arguments: it knows no extra/],
    [
      "request_input",
      { question: "x", options: [1] },
      /options\.0: it has to be there and of the type string/,
    ],
    [
      "set_review_verdict",
      { verdict: "maybe", reason: "x" },
      /verdict: it has to be one of approve, feedback, reject/,
    ],
    ["write_document", [], /arguments: it has to be there and of the type object/],
    ["constructor", {}, /There is no tool named constructor/],
    ["x".repeat(5000), {}, /There is no tool named x{100}\./],
  ];
  for (const [at, [name, given, said]] of wrong.entries()) {
    it(`are told what is wrong with ${name.slice(0, 30)}, ${at + 1}`, () => {
      const read = readToolCall(name, given);
      assert.ok("wrong" in read);
      assert.match(read.wrong, said);
    });
  }

  it("give calls that say the same the same key", () => {
    const key = (given: unknown): string => {
      const read = readToolCall("write_document", given);
      assert.ok("key" in read);
      return read.key;
    };
    assert.equal(key({ title: "a", content: "b" }), key({ content: " b ", title: "a" }));
    assert.notEqual(key({ title: "a", content: "b" }), key({ title: "a", content: "c" }));
  });
});
