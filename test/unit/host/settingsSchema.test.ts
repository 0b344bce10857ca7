import assert from "node:assert/strict";
import { parseSettings } from "../../../src/host/settingsSchema";

const parse = (values: Readonly<Record<string, unknown>>): ReturnType<typeof parseSettings> =>
  parseSettings((name) => values[name]);

describe("settings", () => {
  it("have defaults", () => {
    assert.deepEqual(parse({}), {
      settings: {
        platform: { baseUrl: "https://onehorizon.ai" },
        oauth: { clientId: "", scopes: "openid profile email", callback: "loopback", loopbackPort: 43117 },
        worker: {
          name: "VS Code worker",
          instructions: undefined,
          groupId: undefined,
          autoStart: true,
          autoClaim: true,
        },
        workflow: { path: "WORKFLOW.md" },
        notifications: { level: "important" },
      },
      problems: [],
    });
  });

  it("are taken, in their one spelling", () => {
    const { settings, problems } = parse({
      "platform.baseUrl": " https://Horizon.example:8443/ ",
      "oauth.clientId": " abc ",
      "oauth.callback": "uri",
      "oauth.loopbackPort": 1024,
      "worker.name": "  Desk ",
      "worker.instructions": "Be brief.\nAnd kind.",
      "worker.autoClaim": false,
      "workflow.path": "docs/WORKFLOW.md",
      "notifications.level": "none",
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [settings.platform.baseUrl, settings.oauth, settings.worker, settings.workflow, settings.notifications],
      [
        "https://horizon.example:8443",
        { clientId: "abc", scopes: "openid profile email", callback: "uri", loopbackPort: 1024 },
        {
          name: "Desk",
          instructions: "Be brief.\nAnd kind.",
          groupId: undefined,
          autoStart: true,
          autoClaim: false,
        },
        { path: "docs/WORKFLOW.md" },
        { level: "none" },
      ],
    );
  });

  for (const url of ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:9"]) {
    it(`let ${url} be the platform`, () => {
      assert.equal(parse({ "platform.baseUrl": url }).settings.platform.baseUrl, url);
    });
  }

  const wrong: readonly (readonly [string, unknown])[] = [
    ["platform.baseUrl", "http://onehorizon.ai"],
    ["platform.baseUrl", "http://localhost.evil.example"],
    ["platform.baseUrl", "https://user:pw@onehorizon.ai"],
    ["platform.baseUrl", "https://onehorizon.ai/?a=b"],
    ["platform.baseUrl", "https://onehorizon.ai/api"],
    ["platform.baseUrl", "https://onehorizon.ai/#a"],
    ["platform.baseUrl", "javascript:alert(1)"],
    ["platform.baseUrl", ""],
    ["platform.baseUrl", 7],
    ["oauth.clientId", "two words"],
    ["oauth.clientId", "x".repeat(257)],
    ["oauth.scopes", ""],
    ["oauth.scopes", "a  b"],
    ["oauth.callback", "both"],
    ["oauth.loopbackPort", 80],
    ["oauth.loopbackPort", 65536],
    ["oauth.loopbackPort", 4000.5],
    ["oauth.loopbackPort", "43117"],
    ["worker.name", "two\nlines"],
    ["worker.name", "x".repeat(101)],
    ["worker.instructions", "x".repeat(2001)],
    ["worker.groupId", ["a"]],
    ["worker.autoStart", "yes"],
    ["worker.autoClaim", null],
    ["workflow.path", "../WORKFLOW.md"],
    ["workflow.path", "a/../../b"],
    ["workflow.path", "/etc/passwd"],
    ["workflow.path", "C:\\x"],
    ["workflow.path", "~/x"],
    ["workflow.path", " "],
    ["notifications.level", "loud"],
  ];
  for (const [name, value] of wrong) {
    it(`refuse ${JSON.stringify(value).slice(0, 40)} for ${name} and fall back`, () => {
      const { settings, problems } = parse({ [name]: value });
      assert.deepEqual(settings, parse({}).settings);
      assert.deepEqual(
        problems.map((problem) => problem.setting),
        [`oneHorizon.${name}`],
      );
    });
  }
});
