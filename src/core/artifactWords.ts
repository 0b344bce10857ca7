import type { ArtifactNotes, NotedArtifact } from "./artifactNotes";
import { code } from "./text";

/** Bytes as people read them. */
function sizeWord(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** The one comment on the session's task, in Markdown. */
export function commentOf(notes: ArtifactNotes): string {
  const there = notes.files.filter((file) => file.upload === "uploaded");
  const title =
    there.length === 0 ? "No artifact of this session was uploaded." : "Artifacts of this session:";
  return [
    [title, there.map(itemOf).join("\n")].filter((part) => part !== "").join("\n\n"),
    ...missing(notes),
    `Posted by the worker, reference ${code(notes.reference)}.`,
  ].join("\n\n");
}

/** What the session's summary says of its artifacts; empty where there is nothing to say. */
export function summaryOfArtifacts(notes: ArtifactNotes): readonly string[] {
  const there = notes.files.filter((file) => file.upload === "uploaded");
  if (notes.comment === "told") {
    const many = there.length === 1 ? "1 artifact is" : `${there.length} artifacts are`;
    return [...(there.length === 0 ? [] : [`${many} in a comment on the task.`]), ...missing(notes)];
  }
  const list = there.length === 0 ? [] : [`Artifacts:\n\n${there.map(itemOf).join("\n")}`];
  const without =
    notes.comment === "none" ? [] : ["The comment with the artifacts could not be posted on the task."];
  return [...list, ...missing(notes), ...without];
}

/** Which files left this machine unsearched, or may have; undefined where none did. */
export function binaryNotice({ files }: ArtifactNotes): string | undefined {
  const named = (upload: NotedArtifact["upload"], what: string): readonly string[] => {
    const binary = files.filter((file) => file.binary && file.upload === upload);
    const names = binary.map((file) => code(file.name)).join(", ");
    return binary.length === 0 ? [] : [`${what}: ${names}.`];
  };
  const notices = [
    ...named("uploaded", "Uploaded without a search for secrets, since no text"),
    ...named(
      "unknown",
      "Sent without a search for secrets, since no text, and it is not known whether it arrived",
    ),
  ];
  return notices.length === 0 ? undefined : notices.join(" ");
}

function itemOf(file: NotedArtifact): string {
  const name = file.url === undefined ? code(file.name) : `[${code(file.name)}](${linkTarget(file.url)})`;
  return `- ${name} (${sizeWord(file.size)})`;
}

/** An address that the parentheses around it hold. */
function linkTarget(url: string): string {
  return url.replace(/[()<>\s\\]/gu, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function missing({ files, refused, unnamed }: ArtifactNotes): readonly string[] {
  const failed = files.filter((file) => file.upload !== "uploaded");
  const lines = [
    ...failed.map((file) => `- ${code(file.name)}: ${file.why ?? "it was not sent"}`),
    ...refused.map((one) => `- ${code(one.name)}: ${one.why}`),
    ...(unnamed > 0 ? [`- and ${unnamed} more`] : []),
  ];
  return lines.length === 0 ? [] : [`Not uploaded, and kept on the worker's machine:\n\n${lines.join("\n")}`];
}
