import { execFile } from "node:child_process";
import { win32 } from "node:path";

const taskkillMs = 5000;

/** Ends a process and its children on Windows. Never rejects: whoever asks looks afterwards whether it is gone. */
export function killTree(pid: number): Promise<void> {
  const { file, args } = taskkill(pid, process.env);
  return new Promise((resolve) => {
    execFile(file, args, { timeout: taskkillMs, windowsHide: true }, () => resolve());
  });
}

/** The program by its full path, so that no folder of PATH decides what runs here. Pure. */
export function taskkill(
  pid: number,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly file: string; readonly args: readonly string[] } {
  const root = environment["SystemRoot"] ?? environment["SYSTEMROOT"] ?? "C:\\Windows";
  return {
    file: win32.join(root, "System32", "taskkill.exe"),
    args: ["/PID", String(pid), "/T", "/F"],
  };
}
