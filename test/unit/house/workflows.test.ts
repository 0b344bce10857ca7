import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

const root = join(import.meta.dirname, "..", "..", "..");
const folder = join(root, ".github", "workflows");

const step = z.object({
  uses: z.optional(z.string()),
  run: z.optional(z.string()),
  with: z.optional(z.record(z.string(), z.unknown())),
});
const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  on: z.record(z.string(), z.unknown()),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.optional(z.record(z.string(), z.string())),
      "timeout-minutes": z.number(),
      strategy: z.object({
        matrix: z.object({
          os: z.optional(z.array(z.string())),
          include: z.optional(z.array(z.object({ os: z.string(), run: z.string() }))),
        }),
      }),
      steps: z.array(step),
    }),
  ),
});

const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const workflows = files.map(({ text }) => z.parse(workflow, parse(text)));
const jobs = workflows.flatMap((one) => Object.values(one.jobs));

/** npm scripts and files that a command line starts. */
function startedBy(line: string): readonly string[] {
  return [...line.matchAll(/npm (?:run )?(test(?::\w+)?|(?<=run )[\w:]+)/gu)].map(([, name = ""]) => name);
}

describe("the workflows", () => {
  it("may read and nothing else, and hand no credentials on", () => {
    for (const { permissions, on } of workflows) {
      assert.deepEqual(permissions, { contents: "read" });
      assert.ok(!("pull_request_target" in on) && !("workflow_run" in on));
    }
    for (const job of jobs) {
      assert.equal(job.permissions, undefined);
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      assert.deepEqual(
        checkouts.map((one) => one.with?.["persist-credentials"]),
        [false],
      );
    }
    for (const { name, text } of files) assert.doesNotMatch(text, /secrets\.|github\.event\./u, name);
  });

  it("pin each action to a commit, with its version beside it", () => {
    const uses = files.flatMap(({ text }) => text.split("\n").filter((line) => /^\s*-?\s*uses:/u.test(line)));
    assert.ok(uses.length >= jobs.length);
    for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u);
  });

  it("run scripts that there are, on three systems, and end", () => {
    const { scripts } = z.parse(
      z.object({ scripts: z.record(z.string(), z.string()) }),
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
    );
    for (const { steps, strategy, "timeout-minutes": minutes } of jobs) {
      const lines = [
        ...steps.flatMap(({ run }) => run ?? []),
        ...(strategy.matrix.include ?? []).map(({ run }) => run),
      ];
      const started = lines.flatMap(startedBy);
      assert.ok(started.length > 0);
      assert.deepEqual(
        started.filter((name) => !(name in scripts)),
        [],
      );
      const systems = strategy.matrix.os ?? (strategy.matrix.include ?? []).map(({ os }) => os);
      for (const system of ["ubuntu", "macos", "windows"]) {
        assert.ok(
          systems.some((one) => one.startsWith(`${system}-`)),
          system,
        );
      }
      assert.ok(minutes <= 60);
    }
    const all = jobs.flatMap(({ steps }) => steps.flatMap(({ run }) => startedBy(run ?? "")));
    for (const name of ["check", "build", "test:unit", "package"]) assert.ok(all.includes(name), name);
  });

  it("have quotes that every shell knows in the scripts that they run", () => {
    assert.doesNotMatch(readFileSync(join(root, "package.json"), "utf8"), /"(?:test|test:\w+|check)": ".*'/u);
  });
});

describe("dependabot", () => {
  it("looks after each lock file and the actions", () => {
    const update = z.object({
      "package-ecosystem": z.string(),
      directory: z.optional(z.string()),
      directories: z.optional(z.array(z.string())),
    });
    const { updates } = z.parse(
      z.object({ updates: z.array(update) }),
      parse(readFileSync(join(root, ".github", "dependabot.yml"), "utf8")),
    );
    const places = updates.flatMap((one) =>
      [...(one.directories ?? []), ...(one.directory === undefined ? [] : [one.directory])].map(
        (place) => `${one["package-ecosystem"]} ${place}`,
      ),
    );
    assert.deepEqual(places, ["npm /", "npm /test/host", "github-actions /"]);
    for (const place of ["", "test/host"]) assert.ok(existsSync(join(root, place, "package-lock.json")));
  });
});
