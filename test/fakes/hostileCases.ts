import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

const folder = join(import.meta.dirname, "..", "fixtures", "hostile");

/** What a control run does without; each is a part of the worker or of the sandbox that stops something. */
const defences = [
  /** The model's commands run as the user. */
  "sandbox",
  /** The worker's git goes into the tree as a person's git would. */
  "gitGuard",
  /** Codex is told nothing of whom it may trust. */
  "untrusted",
  /** All variables of the editor are passed on. */
  "allowList",
  /** Nobody tells the redactor what is secret. */
  "redaction",
  /** Texts of others are told and shown as they are. */
  "plainness",
  "escaping",
  /** The editor takes each setting from wherever it stands. */
  "scopes",
  /** A person in the editor approves of everything. */
  "person",
  /** The workflow is read where the model works. */
  "ownFolder",
  /** The owner is not asked. */
  "consent",
  /** What others wrote stands among the instructions. */
  "separation",
] as const;
export type Defence = (typeof defences)[number];

const text = z.string().check(z.minLength(1));
const file = z.union([z.string(), z.strictObject({ program: text }), z.strictObject({ link: text })]);
const step = z.union([
  z.strictObject({ run: text, escalated: z.optional(z.boolean()) }),
  z.strictObject({ say: text }),
  z.strictObject({ patch: text }),
]);

const schema = z.strictObject({
  /** For the table: what was tried, and what stopped it. */
  tried: text,
  stopped: text,
  /** What a stranger writes on the platform. */
  session: z._default(
    z.strictObject({
      title: z._default(text, "Tidy up"),
      prompt: z._default(text, "Please tidy up."),
      task: z.optional(z.strictObject({ title: text, description: text })),
    }),
    { title: "Tidy up", prompt: "Please tidy up." },
  ),
  /** What is committed in the repository, by path. */
  tracked: z._default(z.record(text, file), {}),
  /** What lies in the user's home, by path. */
  home: z._default(z.record(text, file), {}),
  /** The repository's own git configuration, which is the user's. */
  gitConfig: z._default(z.record(text, text), {}),
  /** The opened folder below the repository's root. */
  folder: z._default(z.string(), ""),
  /** Keys and tables of the user's configuration of codex. */
  codexConfig: z._default(
    z.strictObject({ keys: z._default(z.string(), ""), tables: z._default(z.string(), "") }),
    {
      keys: "",
      tables: "",
    },
  ),
  approvals: z._default(z.enum(["never", "on-request", "untrusted"]), "never"),
  /** What somebody answers on the platform, whatever is asked. */
  answer: z.optional(text),
  /** What no outlet may show, though the model may read it. */
  secret: z.optional(text),
  /** What a repository's `.vscode/settings.json` says; such a case runs no session. */
  settings: z.optional(z.record(text, z.unknown())),
  /** One answer of the model each, over all sessions; after the last it says that it is done. */
  model: z.array(step),
  sessions: z._default(z.int(), 1),
  ends: z._default(z.enum(["complete", "failed", "unclaimed"]), "complete"),
  /** Patterns that must be found in what the model and people were told: the attack ran, and was stopped so. */
  proof: z._default(z.array(text), []),
  /** Patterns that people must not be told. */
  untold: z._default(z.array(text), []),
  /** Patterns of paths that must not be committed. */
  uncommitted: z._default(z.array(text), []),
  /** The same without defences: then it does harm, of which these patterns must tell. */
  control: z.union([
    z.strictObject({ without: z.array(z.enum(defences)), harm: z.array(text) }),
    /** Why there is none. */
    z.strictObject({ because: text }),
  ]),
});

/** A case of the hostile corpus. Its texts may hold names in double braces, which the stage replaces. */
export type HostileCase = z.infer<typeof schema> & { readonly name: string };

/** All cases, by name. Throws on one that is not what the schema says. */
export function hostileCases(): readonly HostileCase[] {
  return readdirSync(folder)
    .filter((one) => one.endsWith(".yaml"))
    .sort()
    .map((one) => {
      const parsed = schema.safeParse(parse(readFileSync(join(folder, one), "utf8")));
      if (!parsed.success) throw new Error(`${one}: ${z.prettifyError(parsed.error)}`);
      return { name: basename(one, ".yaml"), ...parsed.data };
    });
}
