// The arrows of the house: CONTRIBUTING.md draws them, this file holds them.
const rooms = ["platform", "runtime", "git", "workflow", "machine"];
const outsideOf = (...allowed) => `^src/(?!(${allowed.join("|")})(/|$))`;
const room = (name, ...allowed) => ({
  name: `${name}-arrows`,
  severity: "error",
  comment: `${name} may import ${allowed.join(", ") || "nothing"} only`,
  from: { path: `^src/${name}/` },
  to: { path: outsideOf(name, ...allowed) },
});
const packageOnlyIn = (pkg, ...places) => ({
  name: `${pkg}-only-in`,
  severity: "error",
  comment: `${pkg} belongs to ${places.join(", ")}`,
  from: { path: "^src/", pathNot: places.map((one) => `^src/${one}`) },
  to: { path: `(^|node_modules/)(@types/)?${pkg}(/|$)` },
});

module.exports = {
  forbidden: [
    room("base"),
    room("core", "base"),
    ...rooms.map((name) => room(name, "core", "base")),
    room("host", "core", "base"),
    room("ui", "core", "base"),
    room("sandbox", "base", "platform/wire"),
    // It runs in a page of its own: of the rest it knows the words that cross over, and two pure helpers of the views.
    room(
      "webview",
      "core/timeline\\.ts",
      "core/ports/runtime\\.ts",
      "ui/panel",
      "ui/l10n\\.ts",
      "ui/time\\.ts",
    ),
    {
      name: "core-is-pure",
      severity: "error",
      comment:
        "core and base import no editor, no Node module and no package; since they import each other only, they reach none",
      from: { path: "^src/(core|base)/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-peer", "npm-no-pkg", "npm-unknown"] },
    },
    packageOnlyIn(
      "zod",
      "platform/",
      "runtime/",
      "git/",
      "workflow/",
      "machine/",
      "host/",
      "sandbox/",
      "ui/panel/webviewDoor",
      "extension.ts",
    ),
    packageOnlyIn("simple-git", "git/"),
    packageOnlyIn("yaml", "workflow/", "sandbox/"),
    packageOnlyIn("vscode", "host/", "ui/", "extension.ts"),
    packageOnlyIn("oauth4webapi", "platform/"),
    packageOnlyIn("ajv", "sandbox/"),
    packageOnlyIn("@agentclientprotocol/sdk", "runtime/acp/"),
    packageOnlyIn("markdown-it", "webview/"),
    packageOnlyIn("@tanstack/virtual-core", "webview/"),
    packageOnlyIn("@vscode-elements/elements", "webview/"),
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "root-is-the-end",
      severity: "error",
      from: { path: "^src/.+/" },
      to: { path: "^src/extension\\.ts$" },
    },
    { name: "no-tests-in-product", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^vscode$" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
