import assert from "node:assert/strict";
import fc from "fast-check";
import { appServerArguments, profileFor, programOf, tomlString } from "../../../src/runtime/codex/arguments";

const request = {
  command: ["codex", "app-server"],
  policy: { sandbox: "workspace-write", approvals: "never", network: false },
  untrustedFolders: ['/tree/a "b"', "/main"],
  writableRoots: ["/artifacts"],
  privateFolders: ["/state", '/odd "tmp"'],
  shellEnvironment: { ONE_WORKER_NAME: "Ann's\nworker" },
} as const;

describe("the argv of the app-server", () => {
  it("is the owner's command and one override for all that could be wider", () => {
    assert.deepEqual(appServerArguments(request), [
      "codex",
      "app-server",
      ...[
        String.raw`projects={"/tree/a \"b\""={trust_level="untrusted"},"/main"={trust_level="untrusted"}}`,
        'default_permissions="one-horizon-workspace-write"',
        String.raw`permissions.one-horizon-workspace-write={extends=":workspace",filesystem={":slash_tmp"="read",":tmpdir"="read","/state"="deny","/odd \"tmp\""="deny","/artifacts"="write"},network={enabled=false}}`,
        "sandbox_workspace_write.network_access=false",
        "sandbox_workspace_write.exclude_slash_tmp=true",
        "sandbox_workspace_write.exclude_tmpdir_env_var=true",
        'sandbox_workspace_write.writable_roots=["/artifacts"]',
        "shell_environment_policy.ignore_default_excludes=false",
        'shell_environment_policy.exclude=["*KEY*","*SECRET*","*TOKEN*","*PASSWORD*","*PASSWD*","*CREDENTIAL*","*_PROXY"]',
        String.raw`shell_environment_policy.set.ONE_WORKER_NAME="Ann's\nworker"`,
        'web_search="disabled"',
        "check_for_update_on_startup=false",
      ].flatMap((one) => ["-c", one]),
    ]);
  });

  it("with the network the commands may use the proxy, and the search stays as the owner has it", () => {
    const given = appServerArguments({ ...request, policy: { ...request.policy, network: true } }).join("\n");
    assert.match(given, /network_access=true/);
    assert.doesNotMatch(given, /PROXY|web_search/);
  });

  it("read-only allows no writing and no network, and full access has no profile", () => {
    const readOnly = { ...request.policy, sandbox: "read-only", network: true } as const;
    const given = appServerArguments({ ...request, policy: readOnly }).join("\n");
    assert.match(given, /extends=":read-only",filesystem=\{"\/state"="deny".*enabled=false/);
    assert.doesNotMatch(given, /="write"/);
    const full = { ...request.policy, sandbox: "danger-full-access" } as const;
    assert.doesNotMatch(appServerArguments({ ...request, policy: full }).join("\n"), /permissions/);
    assert.equal(profileFor("danger-full-access"), undefined);
  });

  it("a text cannot break out of its quotes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const quoted = tomlString(text.replace(/\p{Surrogate}/gu, ""));
        // A TOML basic string: no bare control character, quotation mark or unknown escape inside.
        assert.match(quoted, /^"(?:[^"\\]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"$/u);
        assert.ok(Array.from(quoted).every((one) => one >= " " && one !== "\u007f"));
      }),
    );
  });

  it("a path that is no Unicode is refused, because its guard would fit nothing", () => {
    assert.throws(() => tomlString("/a\uD800"), /Unicode/);
  });

  for (const [command, program] of [
    [["codex", "app-server"], ["codex"]],
    [
      ["npx", "codex", "app-server", "--x"],
      ["npx", "codex"],
    ],
    [["my-wrapper"], ["my-wrapper"]],
    [["app-server"], ["app-server"]],
  ] as const) {
    it(`the program of ${command.join(" ")}`, () => assert.deepEqual(programOf(command), program));
  }
});
