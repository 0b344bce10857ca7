import { readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/**
 * Every folder whose trust the tool might apply to work in `workingDirectory`: itself, its parents up to the checkout's
 * root, and for a linked worktree the main checkout, each also by its real path.
 */
export async function projectFolders(workingDirectory: string): Promise<readonly string[]> {
  const folders = new Set<string>();
  for (const start of [resolve(workingDirectory), await realpath(workingDirectory)]) {
    for (const folder of await upToCheckout(start)) folders.add(folder);
  }
  return [...folders];
}

async function upToCheckout(start: string): Promise<readonly string[]> {
  const passed: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    passed.push(folder);
    const main = await mainCheckout(folder);
    if (main !== undefined) return [...passed, ...(main === folder ? [] : [main])];
    // No checkout at all: the parents are none of the tool's business.
    if (dirname(folder) === folder) return [start];
  }
}

/** The main checkout of the checkout whose root is `folder`; undefined when it is no root. */
async function mainCheckout(folder: string): Promise<string | undefined> {
  const entry = join(folder, ".git");
  try {
    const link = /^gitdir: (.+?)[\r\n]*$/.exec(await readFile(entry, "utf8"))?.[1];
    if (link === undefined) return folder;
    const common = /^(.*)[\\/]\.git[\\/]worktrees[\\/][^\\/]+$/.exec(resolve(folder, link))?.[1];
    return common === undefined ? folder : await realpath(common);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "EISDIR" ? folder : undefined;
  }
}
