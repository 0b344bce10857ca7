import * as assert from "node:assert/strict";
import type { EditorUnderTest } from "../harness/harness.mjs";
import { assertWholeReport, launch, pictureFailures, queue, quitClean, signIn, untilSession } from "./kit";
import { startProxiedPlatform, type ProxiedPlatform } from "./proxiedPlatform";

/** The ways in which a person tells the editor of a proxy. */
const ways: readonly {
  readonly how: string;
  readonly settings: (proxy: string) => Record<string, unknown>;
  readonly environment: (proxy: string) => Record<string, string>;
}[] = [
  { how: "the editor's setting", settings: (proxy) => ({ "http.proxy": proxy }), environment: () => ({}) },
  { how: "the environment", settings: () => ({}), environment: (proxy) => ({ HTTPS_PROXY: proxy }) },
];

for (const { how, settings, environment } of ways) {
  describe(`a platform behind a proxy that ${how} names`, () => {
    let platform: ProxiedPlatform;
    let editor: EditorUnderTest;
    pictureFailures(() => editor);

    before(async () => {
      platform = await startProxiedPlatform();
      const { origin, proxy, certificate } = platform;
      editor = await launch({
        name: "proxy",
        machineSettings: { "oneHorizon.platform.baseUrl": origin },
        // The certificate is told by the environment, not kept in the system.
        userSettings: { "http.systemCertificates": false, ...settings(proxy) },
        environment: { NODE_EXTRA_CA_CERTS: certificate, ...environment(proxy) },
      });
      platform.target = editor.world.sandbox.baseUrl;
      await editor.sendPages(origin, platform.target);
    });
    after(async () => {
      await quitClean(editor);
      await platform.close();
    });

    it("is reached by way of it alone: sign-in, polls, claims, reports and beats", async () => {
      const { sandbox } = editor.world;
      const online = signIn(editor);
      online.catch(() => undefined);
      await editor.window.answerDialog("external website", "Open");
      await online;
      const sessionId = await queue(sandbox, "Over a proxy");
      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      assertWholeReport(done);
      for (const wanted of ["token", "heartbeat", "/sessions", "/claim", "/activities", "/complete"]) {
        assert.ok(
          platform.requests.some((one) => one.endsWith(wanted)),
          `${wanted} among ${[...new Set(platform.requests)].join("; ")}`,
        );
      }
    });
  });
}
