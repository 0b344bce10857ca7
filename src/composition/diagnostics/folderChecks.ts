import { messageOf } from "../../base/log";
import { say } from "../../base/words";
import type { Check, Finding } from "../../core/diagnostics";
import { WorktreeError } from "../../core/ports/worktrees";
import { requireGitVersion } from "../../git/gitVersion";
import { countWorktrees, inspectRepository } from "../../git/inspect";
import { attention, checksOf, failed, notTried, passed, restricted } from "./findings";
import { room } from "./machineChecks";
import type { DiagnosedParts } from "./parts";
import type { WorkflowFacts } from "./workflowFacts";

/** With less than this on the disk no worktree is to be made, bytes. */
const leastForWorktrees = 500_000_000;

type AskWorkflow = (signal: AbortSignal) => Promise<WorkflowFacts | undefined>;

/** What the opened folder has to have. */
export function folderChecks(parts: DiagnosedParts, workflow: AskWorkflow): readonly Check[] {
  const inFolder = (look: (folder: string, signal: AbortSignal) => Promise<Finding>): Check["find"] => {
    return async (signal) => {
      const folder = parts.folder();
      if (folder === undefined) return notTried(say("No folder is open."));
      return parts.trusted() ? await inWords(() => look(folder, signal)) : restricted();
    };
  };
  return checksOf(
    "folder",
    {
      id: "folder.open",
      name: say("Folder"),
      expected: say("A folder on this machine is open"),
      find: () => Promise.resolve(openFolder(parts)),
    },
    {
      id: "folder.trust",
      name: say("Workspace trust"),
      expected: say("You trust the folder"),
      find: () =>
        Promise.resolve(
          parts.trusted()
            ? passed(say("You trust it."))
            : failed(say("It is in Restricted Mode."), say("Run Workspaces: Manage Workspace Trust.")),
        ),
    },
    {
      id: "git.version",
      name: say("Git"),
      expected: say("Git 2.31 or newer is on the PATH"),
      find: (signal) =>
        parts.trusted()
          ? inWords(async () => passed(say("{0}.", await requireGitVersion(parts.git, signal))))
          : Promise.resolve(restricted()),
    },
    {
      id: "git.repository",
      name: say("Repository"),
      expected: say("The folder is in a git repository with a commit, and nothing is half done there"),
      find: inFolder((folder, signal) => repository(parts, folder, signal)),
    },
    {
      id: "git.worktrees",
      name: say("Worktrees"),
      expected: say("Git lists the repository's worktrees"),
      find: inFolder(async (folder, signal) => {
        const count = await countWorktrees(parts.git, folder, signal);
        return passed(count === 1 ? say("1 worktree, your checkout.") : say("{0} worktrees.", count));
      }),
    },
    {
      id: "workflow.file",
      name: parts.settings().workflow.path,
      expected: say("It can be used, or there is none"),
      find: inFolder(async (_folder, signal) => workflowFile(await workflow(signal))),
    },
    {
      id: "workflow.consent",
      name: say("Consent"),
      expected: say("You allowed what goes beyond the defaults"),
      find: inFolder(async (_folder, signal) => consent(await workflow(signal))),
    },
    {
      id: "folder.disk",
      name: say("Room for worktrees"),
      expected: say("At least {0}", say("{0} MB", leastForWorktrees / 1_000_000)),
      find: inFolder(async (_folder, signal) => {
        const config = (await workflow(signal))?.config;
        return config === undefined ? waits() : await room(config.worktree.root, leastForWorktrees);
      }),
    },
  );
}

function openFolder({ folder }: DiagnosedParts): Finding {
  const path = folder();
  if (path !== undefined) return passed(path);
  return failed(say("No folder is open."), say("Open a folder that is a git repository."));
}

/** Errors of git's side say themselves what to do. */
async function inWords(look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (WorktreeError.is(error)) return failed(error.message);
    throw error;
  }
}

async function repository(parts: DiagnosedParts, folder: string, signal: AbortSignal): Promise<Finding> {
  const facts = await inspectRepository(parts.git, folder, signal).catch((error: unknown) => {
    if (WorktreeError.is(error) || signal.aborted) throw error;
    throw new WorktreeError(
      "failed",
      `${say("Git cannot read it: {0}", messageOf(error))} ${say("Run git status in a terminal to see what is wrong.")}`,
      error,
    );
  });
  const { branch, commit, unfinished, indexLocked } = facts;
  if (commit === undefined) {
    return failed(say("It has no commit yet."), say("Make a first commit: sessions start from it."));
  }
  const at =
    branch === undefined
      ? say("No branch is checked out; it stands at {0}.", commit.slice(0, 7))
      : say("On {0}, at {1}.", branch, commit.slice(0, 7));
  if (unfinished !== undefined) {
    return attention(
      `${at} ${say("A {0} is not finished.", unfinished)}`,
      say(
        "Sessions work in worktrees of their own and are not held up. Finish it, or abort it, when you can.",
      ),
    );
  }
  if (indexLocked) {
    return attention(
      `${at} ${say("The index is locked.")}`,
      say("Another git may be at work. If none is, remove .git/index.lock."),
    );
  }
  return passed(at);
}

function workflowFile(facts: WorkflowFacts | undefined): Finding {
  if (facts === undefined) return notTried(say("It was not read."));
  const { workflow, exists, path } = facts.file;
  if (workflow.kind === "broken") {
    const told = workflow.problems
      .slice(0, 3)
      .map((one) => say("Line {0}: {1}", one.line, one.message))
      .join(" ");
    return failed(told, say("Correct {0}. Nothing new is claimed until then.", path));
  }
  if (!exists) return passed(say("There is none; the defaults hold."));
  const [first] = workflow.warnings;
  if (first === undefined) return passed(say("It can be used."));
  return attention(
    say("It can be used. Line {0}: {1}", first.line, first.message),
    say("Look at {0}: what is underlined there has no effect.", path),
  );
}

function consent(facts: WorkflowFacts | undefined): Finding {
  if (facts === undefined || facts.file.workflow.kind === "broken") return waits();
  if (facts.consent === undefined) return passed(say("Nothing goes beyond them."));
  const { given, request } = facts.consent;
  const items = request.items.join(" · ");
  if (given) return passed(say("You allowed: {0}", items));
  return failed(say("These wait for you: {0}", items), say("Run Restart Worker to be asked again."));
}

function waits(): Finding {
  return notTried(say("The workflow file has to be put right first."));
}
