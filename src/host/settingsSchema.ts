import * as z from "zod/mini";
import { asWritten } from "../base/words";

/** The extension's settings, checked. */
export interface Settings {
  readonly platform: {
    /** https, or http on loopback; without a slash at the end. */
    readonly baseUrl: string;
  };
  readonly oauth: {
    /** Empty when none is set. */
    readonly clientId: string;
    readonly scopes: string;
    readonly callback: "loopback" | "uri";
    readonly loopbackPort: number;
  };
  readonly worker: {
    /** Never empty. */
    readonly name: string;
    readonly instructions: string | undefined;
    readonly groupId: string | undefined;
    readonly autoStart: boolean;
    readonly autoClaim: boolean;
  };
  readonly workflow: {
    /** Relative to the opened folder and inside it. */
    readonly path: string;
  };
  readonly notifications: { readonly level: "all" | "important" | "none" };
}

/** A value that was set and cannot be used; the default is used instead. */
export interface SettingProblem {
  /** The full setting id. */
  readonly setting: string;
  /** What a right value looks like. */
  readonly wanted: string;
  readonly used: string | number | boolean;
}

interface Rule<T extends string | number | boolean> {
  readonly schema: z.ZodMiniType<T>;
  readonly fallback: T;
  readonly wanted: string;
}

const line = (maxLength: number): z.ZodMiniType<string> =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text: string) => text.trim()),
    ),
    z.string().check(z.maxLength(maxLength), z.regex(/^\P{Cc}*$/u)),
  );

const rules = {
  "platform.baseUrl": {
    schema: z.pipe(
      z.string().check(z.refine((text) => platformOrigin(text) !== undefined)),
      z.transform((text: string) => platformOrigin(text) ?? ""),
    ),
    fallback: "https://onehorizon.ai",
    wanted: asWritten("an https address, or http on loopback, with nothing after the host and port"),
  },
  "oauth.clientId": {
    schema: z.pipe(line(256), z.string().check(z.regex(/^[\x21-\x7e]*$/))),
    fallback: "",
    wanted: asWritten("at most 256 printable characters without spaces"),
  },
  "oauth.scopes": {
    schema: z.pipe(line(1000), z.string().check(z.regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/))),
    fallback: "openid profile email",
    wanted: asWritten("scope names separated by single spaces"),
  },
  "oauth.callback": {
    schema: z.enum(["loopback", "uri"]),
    fallback: "loopback",
    wanted: asWritten("loopback or uri"),
  },
  "oauth.loopbackPort": {
    schema: z.int().check(z.gte(1024), z.lte(65535)),
    fallback: 43117,
    wanted: asWritten("a whole number from 1024 to 65535"),
  },
  "worker.name": { schema: line(100), fallback: "", wanted: asWritten("one line of at most 100 characters") },
  "worker.instructions": {
    schema: z.string().check(z.maxLength(2000)),
    fallback: "",
    wanted: asWritten("at most 2,000 characters"),
  },
  "worker.groupId": {
    schema: line(200),
    fallback: "",
    wanted: asWritten("one line of at most 200 characters"),
  },
  "worker.autoStart": { schema: z.boolean(), fallback: true, wanted: asWritten("true or false") },
  "worker.autoClaim": { schema: z.boolean(), fallback: true, wanted: asWritten("true or false") },
  "workflow.path": {
    schema: z.pipe(line(500), z.string().check(z.refine(isInsideFolder))),
    fallback: "WORKFLOW.md",
    wanted: asWritten("a path inside the opened folder"),
  },
  "notifications.level": {
    schema: z.enum(["all", "important", "none"]),
    fallback: "important",
    wanted: asWritten("all, important or none"),
  },
} as const satisfies Record<string, Rule<string> | Rule<number> | Rule<boolean>>;

/** Short names of all settings, without the `oneHorizon.` in front. */
export const settingNames: readonly string[] = Object.keys(rules);

/** Checks every setting. `read` gives the value for a short name; undefined counts as not set. */
export function parseSettings(read: (name: string) => unknown): {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
} {
  const problems: SettingProblem[] = [];
  const take = <T extends string | number | boolean>(name: string, rule: Rule<T>): T => {
    const value = read(name);
    if (value === undefined) return rule.fallback;
    const parsed = z.safeParse(rule.schema, value);
    if (parsed.success) return parsed.data;
    problems.push({ setting: `oneHorizon.${name}`, wanted: rule.wanted, used: rule.fallback });
    return rule.fallback;
  };
  const settings: Settings = {
    platform: { baseUrl: take("platform.baseUrl", rules["platform.baseUrl"]) },
    oauth: {
      clientId: take("oauth.clientId", rules["oauth.clientId"]),
      scopes: take("oauth.scopes", rules["oauth.scopes"]),
      callback: take<"loopback" | "uri">("oauth.callback", rules["oauth.callback"]),
      loopbackPort: take("oauth.loopbackPort", rules["oauth.loopbackPort"]),
    },
    worker: {
      name: take("worker.name", rules["worker.name"]) || "VS Code worker",
      instructions: take("worker.instructions", rules["worker.instructions"]).trim() || undefined,
      groupId: take("worker.groupId", rules["worker.groupId"]) || undefined,
      autoStart: take<boolean>("worker.autoStart", rules["worker.autoStart"]),
      autoClaim: take<boolean>("worker.autoClaim", rules["worker.autoClaim"]),
    },
    workflow: { path: take("workflow.path", rules["workflow.path"]) },
    notifications: {
      level: take<"all" | "important" | "none">("notifications.level", rules["notifications.level"]),
    },
  };
  return { settings, problems };
}

/** The address in its one spelling, or undefined when tokens must not be sent there. */
function platformOrigin(text: string): string | undefined {
  if (text.length > 2_000 || !URL.canParse(text.trim())) return undefined;
  const url = new URL(text.trim());
  const loopback = ["localhost", "[::1]"].includes(url.hostname) || /^127(\.\d{1,3}){3}$/u.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  return url.pathname === "/" ? url.origin : undefined;
}

function isInsideFolder(path: string): boolean {
  const absolute = /^([\\/~]|[A-Za-z]:)/.test(path);
  return path !== "" && !absolute && !path.split(/[\\/]/).includes("..");
}
