/** Pictures of `media/panel`, each in a light and a dark one: a tab takes no theme icon. */
export const tabIcons = ["attention", "complete", "failed", "queued", "running", "stopped"] as const;

type TabIcon = (typeof tabIcons)[number];

/** The picture that comes nearest to a state's own icon. */
export function tabIcon(stateIcon: string): TabIcon {
  switch (stateIcon) {
    case "loading":
    case "cloud-upload":
      return "running";
    case "pass":
      return "complete";
    case "error":
    case "thumbsdown":
      return "failed";
    case "comment-unresolved":
    case "warning":
    case "sync":
    case "debug-disconnect":
    case "request-changes":
      return "attention";
    case "circle-outline":
      return "queued";
    default:
      return "stopped";
  }
}
