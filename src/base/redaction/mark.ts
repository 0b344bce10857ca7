/** A stretch of the text that is hidden. Grows while the key that it covers goes on. */
export interface Mark {
  /** Positions in the whole text, in code units; `end` is the first that is not hidden. */
  readonly start: number;
  end: number;
  readonly label: string;
  /** Of several that begin at one place the lowest gives its name. */
  readonly rank: number;
  /** Its replacement has left already. */
  told: boolean;
}
