import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSettings, settingNames } from "../../../src/host/settingsSchema";
import type { SessionPhase } from "../../../src/core/state";
import { commandIds, internalCommandIds } from "../../../src/ui/commandIds";
import { contextKeys, welcomeState } from "../../../src/ui/contextModel";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { aFullSession, allPhases, allWorkerPhases, aState, english, noon } from "./kit";
import { manifest, manifestText, root, worded, words } from "./manifest";

const { contributes } = manifest;

describe("manifest", () => {
  it("is who interface.md says", () => {
    assert.equal(`${manifest.publisher}.${manifest.name}`, "one-horizon.one-horizon-worker");
    assert.equal(worded(manifest.displayName), "One Horizon Worker");
    assert.deepEqual(manifest.extensionKind, ["workspace"]);
    // A diff that was open is asked for again as soon as the window is there.
    const wakes = ["onStartupFinished", "onFileSystem:one-horizon-review", "onUri"];
    assert.deepEqual(manifest.activationEvents, wakes);
    assert.deepEqual(manifest.capabilities.virtualWorkspaces, false);
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.supported, "limited");
  });

  it("declares exactly the commands that are registered", () => {
    assert.deepEqual(contributes.commands.map((one) => one.command).sort(), [...commandIds].sort());
    for (const one of contributes.commands) assert.equal(worded(one.category), "One Horizon", one.command);
  });

  it("has the container and the one view", () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map((one) => one.id),
      ["oneHorizon"],
    );
    assert.deepEqual(
      contributes.views["oneHorizon"]?.map((one) => one.id),
      ["oneHorizon.sessions"],
    );
  });

  it("names pictures and folders that are there", () => {
    const files = [
      manifest.icon,
      manifest.l10n,
      ...contributes.viewsContainers.activitybar.map((one) => one.icon),
    ];
    for (const file of files) assert.ok(existsSync(join(root, file)), file);
  });

  it("finds a text for every key, and needs every text", () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(words).sort());
    assert.ok(!Object.values(words).includes(""));
  });
});

describe("settings of the manifest", () => {
  const machine = "machine";
  const wanted: Readonly<Record<string, readonly [string | number | boolean, string]>> = {
    "oneHorizon.platform.baseUrl": ["https://onehorizon.ai", machine],
    "oneHorizon.oauth.clientId": ["", machine],
    "oneHorizon.oauth.scopes": ["openid profile email", machine],
    "oneHorizon.oauth.callback": ["loopback", machine],
    "oneHorizon.oauth.loopbackPort": [43117, machine],
    "oneHorizon.worker.name": ["", machine],
    "oneHorizon.worker.instructions": ["", machine],
    "oneHorizon.worker.groupId": ["", machine],
    "oneHorizon.worker.autoStart": [true, "window"],
    "oneHorizon.worker.autoClaim": [true, "window"],
    "oneHorizon.workflow.path": ["WORKFLOW.md", "window"],
    "oneHorizon.notifications.level": ["important", "window"],
  };
  const { properties } = contributes.configuration;

  it("are those of interface.md, with default and scope", () => {
    const found = Object.entries(properties).map(([id, one]) => [id, [one.default, one.scope]]);
    assert.deepEqual(Object.fromEntries(found), wanted);
  });

  it("are restricted unless they have machine scope", () => {
    const open = Object.entries(wanted).flatMap(([id, [, scope]]) => (scope === machine ? [] : [id]));
    assert.deepEqual(
      [...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(),
      open.sort(),
    );
  });

  it("are all read, and their defaults are taken without complaint", () => {
    assert.deepEqual(settingNames.map((name) => `oneHorizon.${name}`).sort(), Object.keys(properties).sort());
    const { settings, problems } = parseSettings((name) => properties[`oneHorizon.${name}`]?.default);
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, parseSettings(() => undefined).settings);
  });
});

describe("keys of the manifest", () => {
  const keys = [...contextKeys(aState(), noon, false).keys()];

  for (const { command, key, mac, when, args } of contributes.keybindings) {
    it(`${key} runs ${command} where it can, and nothing of the editor's own`, () => {
      assert.ok(commandIds.some((id) => id === command));
      const named = [...when.matchAll(/oneHorizon\.[\w.]+/g)].map((match) => match[0]);
      for (const one of named) assert.ok(one === "oneHorizon.sessions" || keys.includes(one), one);
      assert.equal(mac.includes("cmd"), true);
      // The terminal takes ⌘K for itself, and a row's key belongs to rows, not to the box that searches them.
      const inRows = when.includes("focusedView == oneHorizon.sessions && listFocus && !inputFocus");
      assert.equal(inRows, !key.startsWith("ctrl+k "));
      assert.equal(inRows, args !== undefined);
      assert.equal(!inRows, when.includes("!terminalFocus"));
    });

    it(`${key} is told on the page about sessions`, () => {
      const spoken = key.split(" ").map((chord) => `<kbd>${chord.split("+").map(capital).join("+")}</kbd>`);
      assert.ok(readFileSync(join(root, "docs/sessions.md"), "utf8").includes(`| ${spoken.join(" ")} `), key);
    });
  }

  it("are no one's twice", () => {
    const all = contributes.keybindings.map((one) => one.key);
    assert.equal(new Set(all).size, all.length);
  });
});

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

describe("menus of the manifest", () => {
  const known: readonly string[] = [...commandIds, ...internalCommandIds];
  const rowMenu = contributes.menus["view/item/context"] ?? [];

  it("name known commands and known context keys", () => {
    const keys = [...contextKeys(aState(), noon, false).keys()];
    for (const [place, items] of Object.entries(contributes.menus)) {
      for (const item of items) {
        assert.ok(known.includes(item.command), `${place}: ${item.command}`);
        const named = [...(item.when ?? "").matchAll(/oneHorizon\.[\w.]+/g)].map((match) => match[0]);
        for (const key of named) {
          const own = key === "oneHorizon.sessions" || key === "oneHorizon.filtered";
          assert.ok(own || keys.includes(key), `${place}: ${key}`);
        }
      }
    }
  });

  /** The row commands of a group whose `viewItem` patterns all match. */
  const offered = (contextValue: string, group: RegExp): readonly string[] =>
    rowMenu
      .filter((item) => group.test(item.group ?? ""))
      .filter((item) =>
        [...(item.when ?? "").matchAll(/viewItem =~ \/(.+?)\/(?= |$)/g)].every((match) =>
          new RegExp(match[1] ?? "").test(contextValue),
        ),
      )
      .map((item) => item.command.replace("oneHorizon.session.", ""));
  const valueOf = (phase: SessionPhase, claimable = false): string => {
    const session = aFullSession({ phase, claimable, endedAt: noon });
    return sessionTree(aState({}, session), noon, english)[0]?.children[0]?.contextValue ?? "";
  };

  const inline: Readonly<Record<SessionPhase, readonly string[]>> = {
    listed: [],
    claiming: ["release"],
    preparing: ["release"],
    running: ["showChanges", "release"],
    finishing: ["showChanges"],
    awaitingInput: ["openUrl"],
    interrupted: [],
    complete: ["showChanges", "openWorktree"],
    failed: ["openLog"],
    cancelled: [],
    released: [],
    claimLost: [],
    elsewhere: [],
  };
  for (const phase of allPhases) {
    it(`show inline on a ${phase} row what face.md says`, () => {
      assert.deepEqual(offered(valueOf(phase), /^inline/), inline[phase]);
    });
  }

  it("show Claim inline where it is possible, and never more than two", () => {
    assert.deepEqual(offered(valueOf("listed", true), /^inline/), ["claim"]);
    assert.deepEqual(offered(valueOf("failed", true), /^inline/), ["claim", "openLog"]);
    for (const phase of allPhases) {
      assert.ok(offered(valueOf(phase, true), /^inline/).length <= 2, phase);
    }
  });

  it("group the context menu: act, look, copy, clean up", () => {
    const value = valueOf("complete");
    assert.deepEqual(
      [/^1_act/, /^2_look/, /^3_copy/, /^4_cleanUp/].map((group) => offered(value, group)),
      [
        ["publishBranch", "checkOut"],
        ["showChanges", "openWorktree", "compare", "openThread", "openUrl", "openLog"],
        ["copyPatch", "copyId"],
        ["archive"],
      ],
    );
  });

  it("offer delegation while a session runs, and the push on its run's branch where it is missing", () => {
    assert.deepEqual(offered(valueOf("running"), /^1_act/), ["release", "fail", "delegate"]);
    assert.deepEqual(offered(";branch;publishBranch;", /./), ["publishBranch", "publishBranch"]);
  });

  it("offer the review of a file on its row, and nothing of that on the session's", () => {
    const review = ["openFile", "showFile", "openFile", "revertFile"];
    assert.deepEqual(offered(";file;showFile;openFile;revertFile;", /./), review);
    assert.deepEqual(offered(";file;showFile;", /./), ["showFile"]);
    const session = offered(valueOf("complete"), /./);
    assert.deepEqual(
      session.filter((one) => review.includes(one)),
      [],
    );
  });

  it("offer nothing on groups, runs and child rows", () => {
    for (const value of [";group;", ";run;", ";branch;", ""]) assert.deepEqual(offered(value, /./), []);
  });
});

describe("the walkthrough", () => {
  const [walkthrough] = contributes.walkthroughs;
  const steps = walkthrough?.steps ?? [];
  const known: readonly string[] = [...commandIds, ...internalCommandIds];
  const keys = [...contextKeys(aState(), noon, false).keys()];

  it("leads from the trust to the first session, with the sandbox as the other way", () => {
    assert.deepEqual(
      steps.map((one) => one.id),
      ["trust", "signIn", "agent", "workflow", "session", "sandbox"],
    );
  });

  for (const step of steps) {
    it(`has one button, one picture and an end that can be seen: ${step.id}`, () => {
      const text = worded(step.description);
      const buttons = text.split("\n").filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line));
      assert.equal(buttons.length, 1);
      for (const match of text.matchAll(/\(command:(oneHorizon[^)]+)\)/g)) {
        assert.ok(known.includes(match[1] ?? ""), match[1]);
      }
      assert.ok(step.completionEvents.length > 0);
      for (const event of step.completionEvents) {
        const [kind, name = ""] = event.split(":");
        assert.ok(
          kind === "onCommand" ? known.includes(name) : [...keys, "isWorkspaceTrusted"].includes(name),
        );
      }
      assert.ok(worded(step.media.altText).length > 10);
    });

    it(`draws its picture in the theme's colours alone: ${step.id}`, () => {
      const svg = readFileSync(join(root, step.media.svg), "utf8");
      assert.ok(svg.length < 4_000);
      for (const [, colour = ""] of svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)) {
        assert.match(colour, /^(none|var\(--vscode-.+\))$/);
      }
      assert.doesNotMatch(svg, /<(text|script|style|image|use|a|foreignObject)\b|href|on\w+=/);
    });
  }
});

describe("titles of commands", () => {
  const small = new Set(["a", "the", "in", "with", "for", "of", "and", "to", "What", "Asks"]);
  for (const { command, title } of contributes.commands) {
    it(`are short, in the editor's own capitals, and begin with a verb: ${command}`, () => {
      const text = worded(title);
      assert.ok(text.length <= 50, text);
      for (const word of text.replace("…", "").split(" ")) {
        assert.ok(small.has(word) || /^[A-Z]/.test(word), `${text}: ${word}`);
      }
      assert.doesNotMatch(text, /\.$|\.\.\./);
    });
  }
});

describe("welcome views", () => {
  const byState = new Map(
    contributes.viewsWelcome.map((one) => [
      one.when.replace("oneHorizon.state == ", ""),
      worded(one.contents),
    ]),
  );

  it("exist for every state in which nothing moves by itself", () => {
    const states = allWorkerPhases.map((phase) => welcomeState(aState({ phase }), noon));
    const passing = ["starting", "stopping"];
    const repository = ["noFolder", "noRepository", "noCommit", "noGit", "oldGit"];
    const tool = [
      "agentTrouble",
      "noRuntime",
      "otherRuntime",
      "runtimeSignedOut",
      "noRuntimeSandbox",
      "runtimeTrouble",
    ];
    const want = [
      ...states.filter((state) => !passing.includes(state)),
      ...repository,
      ...tool,
      "unreachable",
    ];
    const found = new Set([...byState.keys()].map((when) => when.replace(/ && !?oneHorizon\.sandbox$/, "")));
    assert.deepEqual([...found].sort(), want.sort());
  });

  it("name the sandbox's dashboard while the sandbox runs, and One Horizon else", () => {
    assert.match(byState.get("ready && oneHorizon.sandbox") ?? "", /Open Dashboard/);
    assert.match(byState.get("ready && !oneHorizon.sandbox") ?? "", /Open One Horizon/);
  });

  it("have one button at most, alone on its line, and only commands that exist", () => {
    for (const [state, contents] of byState) {
      const buttons = contents.split("\n").filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line));
      assert.equal(buttons.length, state === "otherWindow" ? 0 : 1, state);
      for (const match of contents.matchAll(/\(command:(oneHorizon[^)]+)\)/g)) {
        assert.ok(
          [...commandIds, ...internalCommandIds].some((id) => id === match[1]),
          match[1],
        );
      }
    }
  });
});
