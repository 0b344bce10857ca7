/** How far git is with one of its own steps, for example `{ step: "Updating files", percent: 45 }`. */
interface GitProgress {
  /** In git's words, in English: every call runs with LC_ALL=C. */
  readonly step: string;
  /** From 0 to 100. */
  readonly percent: number;
}

export type OnGitProgress = (told: GitProgress) => void;

const lineEnd = /[\r\n]/;
/** Longer than any line of git's progress: what has no end by then is none. */
const longestLine = 1_000;

/**
 * Reads progress from git's standard error, cut anywhere: `Updating files:  45% (9000/20000)`, each line over the one before.
 * The same percentage is told once.
 */
export function progressReader(listener: OnGitProgress): (chunk: Buffer) => void {
  let open = "";
  let last = "";
  return (chunk) => {
    const lines = (open + chunk.toString("latin1")).split(lineEnd);
    open = (lines.pop() ?? "").slice(-longestLine);
    for (const line of lines) {
      const [, step, percent] = /^(?:remote: )?([A-Z][A-Za-z ]*): +(\d{1,3})% \(/.exec(line) ?? [];
      const key = `${step ?? ""} ${percent ?? ""}`;
      if (step === undefined || key === last) continue;
      last = key;
      listener({ step, percent: Math.min(100, Number(percent)) });
    }
  };
}

/** What git said without the lines that it has overwritten itself. */
export function withoutProgress(said: string): string {
  return said.replace(/[^\n]*\r(?!\n)/g, "");
}
