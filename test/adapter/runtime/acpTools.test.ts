import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ToolCall } from "../../../src/core/ports/tools";
import { AcpLab } from "./acpLab";

describe("the worker's own tools, for an agent", () => {
  let lab: AcpLab;
  const used: (readonly [ToolCall, string])[] = [];
  beforeEach(() => {
    lab = new AcpLab();
    used.length = 0;
  });
  afterEach(() => lab.close());

  const useTool = (call: ToolCall, key: string) => {
    used.push([call, key]);
    return Promise.resolve({ ok: call.tool === "report_progress", text: `Told: ${call.tool}.` });
  };

  it("are listed, called with checked arguments, and answered", async () => {
    const outcome = await lab.play(
      [
        { do: "tool", name: "report_progress", arguments: { message: "Half done" } },
        { do: "tool", name: "write_document", arguments: { title: "T", content: "C" } },
        { do: "tool", name: "report_progress", arguments: { message: 7 } },
        { do: "tool", name: "magic", arguments: {} },
      ],
      { useTool },
    );
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(
      used.map(([call]) => call),
      [
        { tool: "report_progress", message: "Half done" },
        { tool: "write_document", title: "T", content: "C" },
      ],
    );
    assert.match(used[0]?.[1] ?? "", /^[0-9a-f]{32}$/);
    const [hello] = lab.answers("tools 1") as [{ protocolVersion: string; capabilities: unknown }];
    assert.equal(hello.protocolVersion, "2025-03-26");
    const [{ tools }] = lab.answers("tools 2") as [{ tools: { name: string; inputSchema: unknown }[] }];
    assert.deepEqual(
      tools.map((one) => one.name),
      ["report_progress", "request_input", "delegate_work", "set_review_verdict", "write_document"],
    );
    assert.ok(tools.every((one) => one.inputSchema !== undefined));
    const said = (lab.answers("tools 3") as { content: { text: string }[]; isError: boolean }[]).map(
      ({ content, isError }) => [content[0]?.text, isError] as const,
    );
    assert.deepEqual(said.slice(0, 2), [
      ["Told: report_progress.", false],
      ["Told: write_document.", true],
    ]);
    assert.match(said[2]?.[0] ?? "", /do not fit, and nothing was done/);
    assert.match(said[3]?.[0] ?? "", /no tool named magic/);
    assert.deepEqual(lab.survivors(), []);
    assert.deepEqual(readdirSync(join(lab.root, "tmp")), []);
  });

  it("are closed to who does not know the key", async () => {
    const call = {
      do: "tool",
      name: "report_progress",
      arguments: { message: "x" },
      key: "guessed",
    } as const;
    await lab.play([call], { useTool });
    assert.deepEqual(used, []);
    assert.deepEqual(lab.answers("tools 1"), []);
    assert.deepEqual(lab.answers("report_progress"), ["closed"]);
  });
});
