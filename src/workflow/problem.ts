/** Something wrong in WORKFLOW.md, and where. Lines and columns start at 1; the end is not included. */
export interface WorkflowProblem {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** A sentence or two for the owner: what is wrong, what is expected, which default holds without it. */
  readonly message: string;
}

/** A problem of the file as a whole. */
export function fileProblem(message: string): WorkflowProblem {
  return { line: 1, column: 1, endLine: 1, endColumn: 1, message };
}
