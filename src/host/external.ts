import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { withDeadline } from "./deadline";

/** Asking where a forwarded address leads needs no person, so it is quick or broken. */
const deadlineMs = 10_000;

/** Opens an address in the person's browser; false when they turned away. */
export async function openExternal(url: string): Promise<boolean> {
  return await vscode.env.openExternal(vscode.Uri.parse(url, true));
}

/** The address under which the person's browser reaches `url` of this machine; forwards the port where needed. */
export async function asExternalUrl(url: string, clock: Clock): Promise<string> {
  const asked = vscode.env.asExternalUri(vscode.Uri.parse(url, true));
  const uri = await withDeadline(asked, deadlineMs, "forwarding an address", clock);
  return uri.toString(true);
}
