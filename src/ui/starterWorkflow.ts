/** A starter WORKFLOW.md: every setting is a comment that shows its default, and a body that suits any repository. */
export const starterWorkflow = `---
# How this folder's worker works. Every value below is the default; remove the "# " of a line and of the group above
# it to change it. The editor completes keys and values here and says what each does.

# agent:
#   max_concurrent_agents: 6 # sessions this worker holds at once
#   max_active_executions: 3 # runs at once on this machine, over all workers
#   max_retry_attempts: 0 # how often a tool that crashed or hung is started again

# polling:
#   pollIntervalMs: 30000 # at least 1000

# claim:
#   leaseSeconds: 900

# worktree:
#   mode: task # a worktree per session; "repository" works in this folder itself and asks for consent
#   root: ~/.one/worktrees
#   copy: [] # globs of ignored files that a worktree needs, such as .env; asks for consent

# The base branch is the remote's default one, then main, then master. To name another:
# (worktree.) base_branch

# runtime:
#   provider: codex # or claude-code, gemini, opencode, cursor, codex-acp, acp; another one asks for consent
#   command: codex app-server # each has its own; for acp it has to be given
#   sandbox: workspace-write # or read-only, or danger-full-access, which asks for consent
#   approvals: never # or on-request, untrusted
#   network: false # true asks for consent
#   environment: [] # names of further environment variables passed on; asks for consent
#   turn_timeout_ms: 3600000
#   stall_timeout_ms: 300000

# The model and its effort are the tool's own. To name others, for all sessions or for one task mode (plan, code, review):
# (runtime.) model, effort
# (runtime.modes.<mode>.) provider, command, model, effort

# hooks:
#   timeout_ms: 60000
#   unsandboxed: false # true: hooks run outside the sandbox; asks for consent

# Your own commands, as lists such as [npm, ci]; each asks for consent:
# (hooks.) after_create, before_run, after_run, before_remove

# git:
#   hooks: false # true: the worker's git runs the repository's hooks; asks for consent
---

Work on the session's task only. Keep the change small and in the style of the files around it. Run the tests that
cover it before you finish, and say what you could not verify.

## Visual artifacts

When the change can be seen, show it. Save screenshots, short recordings and reports in the folder that the environment
variable ONE_WORKER_ARTIFACTS_DIR names, never in the repository. Take them of the parts that changed, before and after
where that helps, and give each a name that says what it shows. Images (png, jpg, gif, webp), recordings (mp4, webm) and
documents (pdf, txt, md, json) are shared: at most 20 files of 25 MB each. Let nothing secret be seen in them.
`;
