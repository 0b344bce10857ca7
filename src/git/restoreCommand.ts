/**
 * One line for a shell that brings a removed worktree back: its branch, then the files as they were, then the index as
 * it was. Quoted for POSIX shells; on Windows for cmd and PowerShell 7, where no path has a double quote.
 */
export function restoreCommand(
  removed: {
    readonly repository: string;
    readonly path: string;
    /** A branch or a commit. */
    readonly start: string | undefined;
    readonly snapshot: string | undefined;
  },
  platform: NodeJS.Platform = process.platform,
): string {
  const { repository, path, start, snapshot } = removed;
  const shell = (text: string): string => quote(text, platform);
  const from = start ?? (snapshot === undefined ? "HEAD" : `${snapshot}^1`);
  const detach = /^[0-9a-f]{40,64}$/.test(from) || from.startsWith("refs/") ? " --detach" : "";
  const add = `git -C ${shell(repository)} worktree add${detach} ${shell(path)} ${shell(from)}`;
  if (snapshot === undefined) return add;
  const inside = `git -C ${shell(path)}`;
  return [
    add,
    `${inside} restore --source=${snapshot} --worktree .`,
    `${inside} read-tree ${shell(`${snapshot}^2`)}`,
  ].join(" && ");
}

/** A command line that brings one file back as a ref has it. */
export function restoreFileCommand(
  file: { readonly checkout: string; readonly ref: string; readonly path: string },
  platform: NodeJS.Platform = process.platform,
): string {
  const [checkout, path] = [file.checkout, file.path].map((text) => quote(text, platform));
  return `git -C ${checkout ?? ""} restore --source=${file.ref} --worktree -- ${path ?? ""}`;
}

function quote(text: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
