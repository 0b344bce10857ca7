// What the demo promises, looked up in git and on the platform.
import { git } from "../scenario.mjs";

/** What must not change in the main checkout. */
export async function mainState(folder, env) {
  return {
    branch: await git(folder, env, "symbolic-ref", "HEAD"),
    head: await git(folder, env, "rev-parse", "HEAD"),
    status: await git(folder, env, "status", "--porcelain", "--untracked-files=all", "--ignored"),
  };
}

/**
 * @returns {Promise<string[]>} broken promises, empty when all hold
 */
export async function verify({ sessions, expected, repository, env, before, say }) {
  const faults = [];
  for (const { title } of expected) {
    const session = sessions.find((one) => one.title === title);
    if (session?.status !== "complete")
      faults.push(`“${title}” is ${session?.status ?? "missing"} on the platform`);
    else await verifyBranch(session, repository, env, faults, say);
  }
  const after = await mainState(repository.folder, env);
  for (const key of ["branch", "head", "status"]) {
    if (before[key] !== after[key])
      faults.push(`the main checkout's ${key} changed from “${before[key]}” to “${after[key]}”`);
  }
  return faults;
}

/** The branch's name holds the session's id, cut down to what git and file systems take. */
async function verifyBranch({ sessionId, title }, { folder }, env, faults, say) {
  const listed = await git(
    folder,
    env,
    "for-each-ref",
    "--format=%(refname:short)",
    "refs/heads/one-horizon/",
  );
  const key = sessionId.toLowerCase().replace(/[^a-z0-9]+/g, "");
  const branches = listed.split("\n").filter((name) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "")
      .includes(key),
  );
  if (branches.length !== 1) {
    faults.push(
      `“${title}” has ${branches.length} branches among: ${listed.replaceAll("\n", ", ") || "none"}`,
    );
    return;
  }
  const commits = await git(folder, env, "log", "--format=%h %s", `main..${branches[0]}`);
  if (commits === "") faults.push(`“${title}”: ${branches[0]} has no commit of its own`);
  else say(`${branches[0]}: ${commits.replaceAll("\n", "; ")}`);
}
