// Pictures of the views, for whoever wants to see them as people do: with ONE_HORIZON_PICTURES naming a folder.
import { join } from "node:path";
import type { Dashboard, EditorUnderTest } from "../harness/harness.mjs";

const folder = process.env["ONE_HORIZON_PICTURES"];
export const picturesWanted = folder !== undefined;
/** Dark, the editor's usual one, comes last and stays. */
const themes = ["light", "high-contrast", "dark"] as const;

/** A view as wide as on a large screen. */
export async function prepareForPictures({ window }: Pick<EditorUnderTest, "window">): Promise<void> {
  if (folder !== undefined) await window.widenSidebar();
}

/**
 * One of the window in each kind of theme.
 * @param open what is looked at, where choosing a theme closes it; Escape closes it after the picture.
 */
export async function picture(
  { window }: Pick<EditorUnderTest, "window">,
  name: string,
  open?: () => Promise<unknown>,
): Promise<void> {
  if (folder === undefined) return;
  for (const theme of themes) {
    await window.theme(theme);
    await open?.();
    await window.screenshot(join(folder, `${name}-${theme}.png`));
    if (open !== undefined) await window.press("Escape");
  }
}

export async function pictureOfDashboard(dashboard: Dashboard, name: string): Promise<void> {
  if (folder === undefined) return;
  for (const theme of themes) await dashboard.picture(join(folder, `${name}-${theme}.png`), theme);
}
