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
type Feature = (typeof features)[number];

/** What the contract holds each tool to; the table of docs/runtimes.md is made of it. */
export interface RuntimeFacts {
  readonly provider: string;
  readonly ran: string;
  readonly says: Readonly<Record<Feature, string>>;
  /** A person's no ends the turn, where others go on with it. */
  readonly denialEnds: boolean;
  /** Its own sandbox stops what its model's commands may not do, also without the system's. */
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
  denialEnds: false,
  ownSandbox: true,
  says: { ...usual, tokens: "while it runs", sandbox: "its own" },
};
export const codexAcpFacts: RuntimeFacts = {
  provider: "codex-acp",
  ran: "the real codex-acp and codex, a scripted model",
  denialEnds: true,
  ownSandbox: true,
  says: {
    ...usual,
    approvals: "yes, a no ends the turn",
    tokens: "while it runs",
    sandbox: "its own, inside the system's",
  },
};
export const agentFacts: RuntimeFacts = {
  provider: "acp",
  ran: "a scripted agent",
  denialEnds: false,
  ownSandbox: false,
  says: { ...usual, tokens: "at the turn's end", sandbox: "the system's, or none" },
};

export const allFacts = [codexFacts, codexAcpFacts, agentFacts];
