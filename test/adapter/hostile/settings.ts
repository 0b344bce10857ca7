import type { Defence } from "../../fakes/hostileCases";
import { manifest } from "../../unit/ui/manifest";

/** What a workspace may set: none of these leads elsewhere, instructs or allows anything. */
const harmless = new Set([
  "oneHorizon.worker.autoStart",
  "oneHorizon.worker.autoClaim",
  "oneHorizon.workflow.path",
  "oneHorizon.notifications.level",
]);

/** Which settings of a repository's own take effect that must not; all of ours have to be among those that are tried. */
export function settingsHarm(
  tried: Readonly<Record<string, unknown>>,
  without: readonly Defence[],
): readonly string[] {
  const { properties } = manifest.contributes.configuration;
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const set = Object.keys(tried).filter(
    (name) => without.includes("scopes") || properties[name]?.scope !== "machine",
  );
  const untried = Object.keys(properties).filter((name) => !(name in tried));
  return [
    ...set.filter((name) => !harmless.has(name)).map((name) => `the workspace sets ${name}`),
    ...set
      .filter((name) => harmless.has(name) && !restrictedConfigurations.includes(name))
      .map((name) => `in Restricted Mode the workspace sets ${name}`),
    ...untried.map((name) => `${name} was not tried`),
  ];
}
