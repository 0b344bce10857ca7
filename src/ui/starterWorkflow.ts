/** A starter WORKFLOW.md: every setting is a comment that shows its default, and a body that suits any repository. */
export const starterWorkflow = `---
# How this folder's worker works. Every value below is the default; remove the "# " of a line and of the group above
# it to change it.

# agent:
#   max_concurrent_agents: 6 # sessions this worker holds at once
#   max_active_executions: 3 # runs at once on this machine, over all workers
#   max_retry_attempts: 0

# polling:
#   pollIntervalMs: 30000 # at least 1000

# claim:
#   leaseSeconds: 900

# worktree:
#   mode: task # a worktree per session; "repository" works in this folder itself and asks for consent
#   root: ~/.one/worktrees

# The base branch is the remote's default one, then main, then master. To name another:
# (worktree.) base_branch

# runtime:
#   provider: codex
#   command: codex app-server
#   sandbox: workspace-write # or read-only, or danger-full-access, which asks for consent
#   approvals: never # or on-request, untrusted
#   network: false # true asks for consent
#   environment: [] # names of further environment variables passed on; asks for consent
#   turn_timeout_ms: 3600000
#   stall_timeout_ms: 300000

# The model and its effort are the tool's own. To name others:
# (runtime.) model, effort

# git:
#   hooks: false # true: the worker's git runs the repository's hooks; asks for consent
---

Work on the session's task only. Keep the change small and in the style of the files around it. Run the tests that
cover it before you finish, and say what you could not verify.
`;
