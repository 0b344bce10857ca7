import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import { pictureFailures } from "./kit";
import { picture } from "./pictures";
import { shareEditor } from "./sharedEditor";

const broken = `---
polling:
  pollIntervalMs: 1000
claim:
  leaseSeconds: soon
future: 1
runtime:
  sandbox:\x20
---

Keep changes small.
`;

describe("WORKFLOW.md, as a person sees it", () => {
  let editor: EditorUnderTest;
  let workflow: string;
  let original: string;
  pictureFailures(() => editor);

  // First, since the editor is closed behind it where something failed.
  after(async () => {
    await writeFile(workflow, original);
    await editor.window.runCommand("File: Revert File");
    await editor.window.runCommand("View: Close All Editors");
  });
  shareEditor((lent) => (editor = lent));
  before(async () => {
    workflow = join(editor.world.repository.folder, "WORKFLOW.md");
    original = await readFile(workflow, "utf8");
    await writeFile(workflow, broken);
    await editor.window.runCommandId("oneHorizon.workflow.open");
  });

  it("has marks under what is wrong, which say what is expected", async () => {
    await waitUntil("the marks", async () => {
      const { errors, warnings } = await editor.window.squiggles();
      return errors > 0 && warnings > 0;
    });
    const look = (): Promise<void> =>
      editor.window.untilToldOver("soon", /claim\.leaseSeconds must be .*\. Without this key: 900\./);
    await picture(editor, "workflow-hover", look);
    await look();
  });

  it("offers the values that a key takes", async () => {
    const values = ["read-only", "workspace-write", "danger-full-access"];
    const look = (): Promise<void> => editor.window.untilOfferedAt("8:12", values);
    await picture(editor, "workflow-completion", look);
    await look();
  });
});
