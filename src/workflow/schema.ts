import { isAbsolute, win32 } from "node:path";
import * as z from "zod/mini";
import { providerNames } from "../core/providers";

const whole = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));
const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const word = (pattern: RegExp) => z.string().check(z.regex(pattern));
const listOf = <T extends z.ZodMiniType>(item: T, max: number) => z.array(item).check(z.maxLength(max));

const argument = z.string().check(
  z.maxLength(4096),
  z.refine((value) => !value.includes("\0")),
);
const argv = listOf(argument, 256).check(z.refine((value) => value.length > 0 && value[0] !== ""));
const command = z.union([text(8192), argv]);
const model = word(/^[A-Za-z0-9][\w.:/@+-]{0,199}$/);
const effort = word(/^[a-z]{1,20}$/);
const provider = z.enum([...providerNames]);
const variable = word(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/);

/** A name that `git check-ref-format --branch` takes. */
const branch = z
  .string()
  .check(
    z.refine(
      (value) =>
        value.length <= 255 &&
        /^[^\s~^:?*[\\\p{Cc}]+$/u.test(value) &&
        !/^[-/.]|[/.]$|\.lock(\/|$)|\.\.|\/\/|\/\.|@\{|^@$/.test(value),
    ),
  );
/** A glob of files inside the folder: relative, without a way up and without git's own files. */
const glob = text(500).check(
  z.refine((value) => {
    const parts = value.split(/[/\\]/);
    const outside = isAbsolute(value) || win32.isAbsolute(value) || value.startsWith("!");
    return (
      !outside &&
      !value.includes("\0") &&
      !parts.some((part) => part === ".." || part.toLowerCase() === ".git")
    );
  }),
);

const mode = z.looseObject({
  provider: z.optional(provider),
  command: z.optional(command),
  model: z.optional(model),
  effort: z.optional(effort),
});

/** The front matter of WORKFLOW.md with null values already dropped. Unknown keys pass; they are warned about apart. */
export const frontMatterSchema = z.looseObject({
  agent: z.optional(
    z.looseObject({
      max_concurrent_agents: z.optional(whole(1, 64)),
      max_active_executions: z.optional(whole(1, 64)),
      max_retry_attempts: z.optional(whole(0, 10)),
    }),
  ),
  polling: z.optional(z.looseObject({ pollIntervalMs: z.optional(whole(1000, 3_600_000)) })),
  claim: z.optional(z.looseObject({ leaseSeconds: z.optional(whole(30, 86_400)) })),
  worktree: z.optional(
    z.looseObject({
      mode: z.optional(z.enum(["task", "repository"])),
      root: z.optional(text(1000).check(z.refine((value) => !/\p{Cc}/u.test(value)))),
      base_branch: z.optional(branch),
      copy: z.optional(listOf(glob, 100)),
    }),
  ),
  runtime: z.optional(
    z.looseObject({
      provider: z.optional(provider),
      command: z.optional(command),
      model: z.optional(model),
      effort: z.optional(effort),
      sandbox: z.optional(z.enum(["read-only", "workspace-write", "danger-full-access"])),
      approvals: z.optional(z.enum(["never", "on-request", "untrusted"])),
      network: z.optional(z.boolean()),
      environment: z.optional(listOf(variable, 100)),
      turn_timeout_ms: z.optional(whole(1000, 86_400_000)),
      stall_timeout_ms: z.optional(whole(1000, 86_400_000)),
      modes: z.optional(z.record(z.string(), mode)),
    }),
  ),
  hooks: z.optional(
    z.looseObject({
      after_create: z.optional(argv),
      before_run: z.optional(argv),
      after_run: z.optional(argv),
      before_remove: z.optional(argv),
      timeout_ms: z.optional(whole(100, 3_600_000)),
      unsandboxed: z.optional(z.boolean()),
    }),
  ),
  git: z.optional(z.looseObject({ hooks: z.optional(z.boolean()) })),
});

export type FrontMatter = z.infer<typeof frontMatterSchema>;
