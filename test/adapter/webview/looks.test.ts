import assert from "node:assert/strict";
import { PanelPage } from "./panelPage";
import { states } from "./states";
import { themes, type ThemeName } from "./themes";

const names: readonly ThemeName[] = ["light", "dark", "high-contrast"];
const widths = { wide: 1200, narrow: 480 };

describe("the session panel's looks", () => {
  let panel: PanelPage;
  before(async () => {
    panel = await PanelPage.start();
  });
  after(() => panel.close());

  for (const theme of names) {
    for (const [width, pixels] of Object.entries(widths)) {
      it(`break no rule of accessibility in ${theme}, ${width}`, async () => {
        for (const [state, scene] of Object.entries(states)) {
          await panel.open(theme, pixels);
          await panel.tell(...scene());
          await panel.picture(`${state}-${theme}-${width}`);
          assert.deepEqual(await panel.axe(), [], state);
          assert.deepEqual(await panel.violations(), [], state);
        }
        assert.deepEqual(panel.page.complaints, []);
      });
    }
  }

  it("are judged in the editor's own themes", () => {
    for (const { colors } of Object.values(themes)) assert.ok(Object.keys(colors).length > 40);
  });
});
