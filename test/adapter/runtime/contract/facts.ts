/** What people may want to know of a coding tool before they choose it. */
export const features = [
  "plan",
  "tokens",
  "approvals",
  "resume",
  "interrupt",
  "sandbox",
  "own tools",
] as const;
export type Feature = (typeof features)[number];

/** What the contract holds each tool to; the table of docs/runtimes.md is made of it. */
export interface RuntimeFacts {
  readonly provider: string;
  readonly ran: string;
  readonly says: Readonly<Record<Feature, string>>;
  /** Which of what its model's commands may not do stops them: the tool's own sandbox does without ours. */
  readonly ownSandbox: boolean;
}

const usual = {
  plan: "yes",
  approvals: "yes",
  resume: "yes",
  interrupt: "yes, nothing is left",
  "own tools": "yes",
};

export const codexFacts: RuntimeFacts = {
  provider: "codex",
  ran: "the real codex, a scripted model",
  ownSandbox: true,
  says: { ...usual, tokens: "while it runs", sandbox: "its own" },
};
export const codexAcpFacts: RuntimeFacts = {
  provider: "codex-acp",
  ran: "the real codex-acp and codex, a scripted model",
  ownSandbox: true,
  says: { ...usual, tokens: "while it runs", sandbox: "its own, inside the system's" },
};
export const agentFacts: RuntimeFacts = {
  provider: "acp",
  ran: "a scripted agent",
  ownSandbox: false,
  says: { ...usual, tokens: "at the turn's end", sandbox: "the system's, or none" },
};

export const allFacts = [codexFacts, codexAcpFacts, agentFacts];
