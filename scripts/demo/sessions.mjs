// What the demo's people ask for, and the files that make its repository lively.

/** Queued through the dashboard, in this order. */
export const demoSessions = [
  { title: "Greet by first name", prompt: "The greeting should use the first name only. Add a test for it." },
  {
    title: "Document the greeting",
    prompt: "Describe the greeting function in the README, with an example.",
  },
  { title: "Fix the empty greeting", prompt: "An empty name prints “Hello, !”. Print “Hello!” instead." },
];

/**
 * A short poll, so that nobody waits half a minute for the first claim.
 * @param {string} runtime lines that name another coding tool, or nothing
 */
export const demoFiles = (runtime) => ({
  "WORKFLOW.md": `---
${runtime}polling:
  pollIntervalMs: 2000
agent:
  max_concurrent_agents: 3
  max_active_executions: 2
---
Keep changes small. Explain what you did in one sentence.
`,
});
