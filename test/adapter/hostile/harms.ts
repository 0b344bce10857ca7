import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { indexRows } from "../../fakes/treeRows";
import type { Defence, HostileCase } from "../../fakes/hostileCases";
import { leaksIn } from "../../fuzz/redactionCase";
import { english } from "../../unit/ui/kit";
import { git } from "../runtime/codexLab";
import { named } from "./plant";
import type { HostileStage } from "./stage";
import { changedPaths, imageOf } from "./untouched";

/** Looks at what must stay as it is before a case, and says afterwards what harm was done. Empty: none. */
export class Harms {
  readonly #stage: HostileStage;
  readonly #case: HostileCase;
  readonly #before: ReadonlyMap<string, string>;

  readonly #without: readonly Defence[];

  constructor(stage: HostileStage, one: HostileCase, without: readonly Defence[]) {
    this.#without = without;
    this.#stage = stage;
    this.#case = one;
    this.#before = this.#image();
  }

  found(): readonly string[] {
    const { bells, errors, lab } = this.#stage;
    return [
      ...changedPaths(this.#before, this.#image()).map((path) => `changed ${path}`),
      ...bells.rung.map((bell) => `reached the ${bell}`),
      ...lab.survivors().map((pid) => `process ${pid} lives on`),
      ...this.#leaks(),
      ...this.#toldWrongly(),
      ...this.#instructed(),
      ...this.#committed(),
      ...this.#drawn(),
      ...errors.map((error) => `an error inside: ${error}`),
    ];
  }

  /** What the model's tools answered and people were told, to prove that the attack ran and how it ended. */
  get told(): string {
    const { platform, view } = this.#outlets();
    const answers = this.#requests().flatMap(({ input }) =>
      input.filter(({ type }) => type?.endsWith("_output") === true).map(({ output }) => textOf(output)),
    );
    return [...new Set(answers), platform, view].join("\n");
  }

  #requests(): readonly z.infer<typeof requestSchema>[] {
    return this.#stage.lab.model.requests.map((one) => requestSchema.parse(one));
  }

  #image(): ReadonlyMap<string, string> {
    const { lab, tmpFile } = this.#stage;
    return imageOf([
      { folder: lab.outside, but: /^$/u },
      // What the worker and codex keep for themselves is theirs; a command of the model has no business there.
      {
        folder: lab.home,
        but: /^(\.one$|\.one\/(worktrees|state|logs|tmp)|\.codex\/(?!config|AGENTS|hooks|rules|prompts))/u,
      },
      {
        folder: lab.project,
        but: /^\.git\/(worktrees|objects|logs|index|refs\/heads\/one-horizon|refs\/one-horizon|FETCH_HEAD)/u,
      },
      { folder: "/tmp", but: new RegExp(`^(?!${basename(tmpFile)}$)`, "u") },
    ]);
  }

  /** Everything that leaves the worker, by where it goes. */
  #outlets(): Readonly<Record<string, string>> {
    const { sandbox, store, paths } = this.#stage;
    const { sessions, comments, documents } = sandbox.state();
    const own = sessions.map(({ title: _title, prompt: _prompt, ...rest }) => rest);
    return {
      platform: stringsIn([own, comments, documents]),
      view: stringsIn([...store.state.sessions.values(), store.state.fault]),
      logs: textsIn(paths.logs),
      journal: textsIn(paths.state),
    };
  }

  #leaks(): readonly string[] {
    const { secrets, lab } = this.#stage;
    const [own, others] = [this.#outlets(), { model: lab.model.sent }];
    const found = (outlets: object, all: object): readonly string[] =>
      Object.entries(outlets).flatMap(([where, text]: [string, string]) =>
        Object.entries(all)
          .filter(([, secret]: [string, string]) => leaksIn([secret], text).length > 0)
          .map(([what]) => `the ${what} reached the ${where}`),
      );
    const { secret } = this.#case;
    // What the model may read reaches the model.
    const readable = secret === undefined ? {} : { "key in a file": secret };
    return [...found({ ...own, ...others }, secrets), ...found(own, readable)];
  }

  /** What people must not read, and characters that act instead of being read. */
  #toldWrongly(): readonly string[] {
    const unmended = this.#without.includes("plainness");
    const raw = unmended ? { "raw stream": stringsIn(this.#stage.lab.model.requests) } : {};
    return Object.entries({ ...this.#outlets(), ...raw }).flatMap(([where, text]) => {
      const wrong = this.#case.untold.filter((one) => new RegExp(this.#named(one), "u").test(text));
      // The journal is for the worker alone, which tells nothing of it as it stands there.
      const acts = where === "journal" ? undefined : acting.exec(text)?.[0];
      return [
        ...wrong.map((one) => `${one} in the ${where}`),
        ...(acts === undefined ? [] : [`${JSON.stringify(acts)} acts in the ${where}`]),
      ];
    });
  }

  /** Words of a stranger among the instructions. */
  #instructed(): readonly string[] {
    const { title, prompt, task } = this.#case.session;
    const words = [title, prompt, task?.title, task?.description]
      .flatMap((one) => (one === undefined ? [] : this.#named(one).split("\n")))
      .filter((line) => line.length > 20);
    const instructions = this.#requests().flatMap((request) => {
      const trusted = request.input.filter(({ role }) => role === "developer" || role === "system");
      return [request.instructions ?? "", ...trusted.map(({ content }) => textOf(content))];
    });
    return words
      .filter((line) => instructions.some((text) => text.includes(line)))
      .map((line) => `among the instructions: ${line}`);
  }

  /** What the branches of sessions hold and must not. */
  #committed(): readonly string[] {
    const { project } = this.#stage.lab;
    const branches = git(project, "for-each-ref", "--format=%(refname)", "refs/heads/one-horizon").split(
      "\n",
    );
    return branches
      .filter((one) => one !== "")
      .flatMap((branch) => {
        const files = git(project, "ls-tree", "-r", "-z", "--name-only", branch).split("\0");
        const wrong = ["(^|/)\\.git(/|$)", ...this.#case.uncommitted].map((one) => new RegExp(one, "u"));
        return files.filter((file) => wrong.some((one) => one.test(file))).map((file) => `committed ${file}`);
      });
  }

  /** Rows of the view in which a text of others is more than a text. */
  #drawn(): readonly string[] {
    const { store } = this.#stage;
    return [...indexRows(sessionTree(store.state, Date.now(), english)).values()].flatMap(({ row }) => {
      // Our own marks are bold words and line breaks; everything else has to be escaped.
      const tooltip = this.#without.includes("escaping") ? row.label : row.tooltip;
      const markup = tooltip.replace(/\\[!-/:-@[-`{-~]/gu, "").replaceAll("**", "");
      const acts = /[[\]<>`$]|command:/u.exec(markup)?.[0];
      const plain = `${row.label}${row.description}${row.spoken}`;
      return [
        ...(acts === undefined ? [] : [`${acts} acts in a tooltip`]),
        ...(/[\p{Cc}\u202a-\u202e]/u.test(plain) ? [`a row of the view is not plain: ${plain}`] : []),
      ];
    });
  }

  #named(text: string): string {
    return named(text, this.#stage.names);
  }
}

/** Controls but line breaks and tabs, and what turns a text around. */
const acting = /(?![\n\r\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const requestSchema = z.looseObject({
  instructions: z.nullish(z.string()),
  input: z.array(
    z.looseObject({
      ...{ type: z.optional(z.string()), role: z.optional(z.string()) },
      ...{ content: z.optional(z.unknown()), output: z.optional(z.unknown()) },
    }),
  ),
});

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = z.array(z.looseObject({ text: z.string() })).safeParse(content).data ?? [];
  return parts.map((part) => part.text).join("\n");
}

/** All texts that a value is made of, as a reader would see them. */
function stringsIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(stringsIn).join("\n");
}

function textsIn(folder: string): string {
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((one) => join(folder, one))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}
