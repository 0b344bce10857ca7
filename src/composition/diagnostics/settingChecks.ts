import { say, translated } from "../../base/words";
import type { Check } from "../../core/diagnostics";
import { attention, checksOf, failed, passed } from "./findings";
import type { DiagnosedParts } from "./parts";

type Parts = Pick<DiagnosedParts, "settings" | "settingProblems" | "sandboxRuns">;

/** What the person set. */
export function settingChecks(parts: Parts): readonly Check[] {
  return checksOf(
    "settings",
    {
      id: "settings.values",
      name: say("Settings"),
      expected: say("Every setting has a value that can be used"),
      find: () => {
        const problems = parts.settingProblems();
        if (problems.length === 0) return Promise.resolve(passed(say("All can be used.")));
        const told = problems
          .map((one) => say("{0} must be {1}.", one.setting, translated(one.wanted)))
          .join(" ");
        return Promise.resolve(
          failed(told, say("Correct them in the settings. Until then the defaults hold.")),
        );
      },
    },
    {
      id: "settings.client",
      name: say("OAuth client"),
      expected: say("The id of your workspace's OAuth client is known"),
      find: () => {
        if (parts.sandboxRuns()) return Promise.resolve(passed(say("The sandbox has one of its own.")));
        if (parts.settings().oauth.clientId !== "") return Promise.resolve(passed(say("It is set.")));
        return Promise.resolve(
          attention(
            say("It is not set."),
            say("Ask an administrator of your workspace for it. Sign In asks for it and keeps it."),
          ),
        );
      },
    },
  );
}
