import type { Words } from "../words";

/** What a row can ask for. */
export interface RowDoor {
  readonly words: Words;
  openFile(path: string): void;
  openLink(url: string): void;
  copy(text: string): void;
  isUnfolded(id: string): boolean;
  /** Remembers it; the row draws itself. */
  setUnfolded(id: string, unfolded: boolean): void;
}
