import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

/** The folder of the project. */
export const root = join(import.meta.dirname, "..", "..", "..");

const menuItem = z.object({
  command: z.string(),
  when: z.optional(z.string()),
  group: z.optional(z.string()),
});
const setting = z.looseObject({
  type: z.string(),
  default: z.union([z.string(), z.number(), z.boolean()]),
  scope: z.string(),
});

const schema = z.object({
  name: z.string(),
  displayName: z.string(),
  publisher: z.string(),
  icon: z.string(),
  l10n: z.string(),
  extensionKind: z.array(z.string()),
  activationEvents: z.array(z.string()),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ supported: z.string(), restrictedConfigurations: z.array(z.string()) }),
    virtualWorkspaces: z.boolean(),
  }),
  contributes: z.object({
    configuration: z.object({ properties: z.record(z.string(), setting) }),
    commands: z.array(
      z.object({ command: z.string(), title: z.string(), category: z.string(), icon: z.string() }),
    ),
    viewsContainers: z.object({ activitybar: z.array(z.object({ id: z.string(), icon: z.string() })) }),
    views: z.record(z.string(), z.array(z.object({ id: z.string(), icon: z.string() }))),
    walkthroughs: z.array(
      z.object({
        id: z.string(),
        steps: z.array(
          z.object({
            id: z.string(),
            description: z.string(),
            media: z.object({ svg: z.string(), altText: z.string() }),
            when: z.optional(z.string()),
            completionEvents: z.array(z.string()),
          }),
        ),
      }),
    ),
    viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string(), when: z.string() })),
    menus: z.record(z.string(), z.array(menuItem)),
    keybindings: z.array(
      z.object({
        command: z.string(),
        key: z.string(),
        mac: z.string(),
        when: z.string(),
        args: z.optional(z.object({ selection: z.literal(true) })),
      }),
    ),
  }),
});

export type Manifest = z.infer<typeof schema>;

/** package.json as far as the editor reads it. */
export const manifestText = readFileSync(join(root, "package.json"), "utf8");
export const manifest: Manifest = schema.parse(JSON.parse(manifestText));

/** package.nls.json. */
export const words = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(join(root, "package.nls.json"), "utf8")));

/** The text behind a `%key%`. */
export function worded(text: string): string {
  return text.replace(/^%(.+)%$/, (_, key: string) => words[key] ?? `missing: ${key}`);
}
