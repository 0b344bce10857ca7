import { clip } from "../../core/text";
import type { PanelHeader } from "./protocol";

const longest = 60;

/** The name of the panel's tab. */
export function tabTitle({ title }: Pick<PanelHeader, "title">): string {
  return clip(title, longest);
}
