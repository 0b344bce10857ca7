import assert from "node:assert/strict";
import type { RunPolicy } from "../../../src/core/policy";
import { bubblewrapArguments } from "../../../src/runtime/confine/bubblewrap";
import { placeRules, type PlacesRequest } from "../../../src/runtime/confine/places";
import { seatbeltProfile } from "../../../src/runtime/confine/seatbelt";

const policy: RunPolicy = { sandbox: "workspace-write", approvals: "never", network: false };
const places: PlacesRequest = {
  policy,
  workingDirectory: "/home/ada/.one/worktrees/w",
  artifactsDirectory: "/home/ada/.one/tmp/a/artifacts",
  scratch: "/home/ada/.one/tmp/s",
  ownPlaces: ["/home/ada/.gemini"],
  shown: ["/home/ada/.one/worktrees/w/.git", "/home/ada/repo/.git", "/home/ada/.one/tmp/a"],
  privateFolders: ["/home/ada/.one/state", "/home/ada/.one/logs"],
};
const accessOf = (request: PlacesRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(placeRules(request).map(({ path, access }) => [path, access]));

describe("the places of an agent in the system's sandbox", () => {
  it("are written where it works and keeps its own, read where git is, and hidden where the worker's are", () => {
    assert.deepEqual(accessOf(places), {
      "/home/ada/.gemini": "write",
      "/home/ada/repo/.git": "read",
      "/home/ada/.one/state": "hidden",
      "/home/ada/.one/logs": "hidden",
      "/home/ada/.one/tmp/s": "write",
      "/home/ada/.one/tmp/a": "read",
      "/home/ada/.one/worktrees/w": "write",
      "/home/ada/.one/tmp/a/artifacts": "write",
      "/home/ada/.one/worktrees/w/.git": "read",
    });
  });

  it("come widest first, so that the narrower one holds, also in a home folder that is the checkout itself", () => {
    const home = { ...places, workingDirectory: "/home/ada" };
    const order = placeRules(home).map(({ path }) => path);
    assert.equal(order[0], "/home/ada");
    assert.ok(order.indexOf("/home/ada/.one/tmp/a") < order.indexOf("/home/ada/.one/tmp/a/artifacts"));
    assert.equal(accessOf(home)["/home/ada/.one/state"], "hidden");
  });

  it("are all read where the owner lets nothing be written, but the agent's own", () => {
    const looks = accessOf({ ...places, policy: { ...policy, sandbox: "read-only" } });
    assert.equal(looks["/home/ada/.one/worktrees/w"], "read");
    assert.equal(looks["/home/ada/.one/tmp/a/artifacts"], "read");
    assert.equal(looks["/home/ada/.gemini"], "write");
  });

  it("never show what is hidden, whatever a file of the tree points to", () => {
    const tricked = { ...places, shown: ["/home/ada/.one/state/vscode-worker", "/home/ada/.one/state"] };
    const rules = accessOf(tricked);
    assert.equal(rules["/home/ada/.one/state/vscode-worker"], undefined);
    assert.equal(rules["/home/ada/.one/state"], "hidden");
  });
});

describe("bubblewrap's command line", () => {
  const rules = placeRules(places);
  const request = {
    ...{ program: "/usr/bin/bwrap", rules, workingDirectory: "/w", network: true },
    root: false,
  };
  it("makes the system read-only, then the places, then starts the command", () => {
    const argv = bubblewrapArguments(request, ["/usr/bin/gemini", "--acp"]);
    const text = argv.join(" ");
    assert.match(text, /^\/usr\/bin\/bwrap --unshare-user --cap-drop ALL --unshare-pid .*--die-with-parent/);
    assert.ok(text.indexOf("--ro-bind / /") < text.indexOf("--bind /home/ada/.gemini /home/ada/.gemini"));
    assert.match(text, /--tmpfs \/home\/ada\/\.one\/state/);
    assert.match(text, /--chdir \/w -- \/usr\/bin\/gemini --acp$/);
    assert.doesNotMatch(text, /unshare-net|SETFCAP/);
  });
  it("takes the network where it is told to, and lets root make a sandbox inside", () => {
    const text = bubblewrapArguments({ ...request, network: false, root: true }, ["x"]).join(" ");
    assert.match(text, /--cap-drop ALL --cap-add CAP_SETFCAP .*--unshare-net/);
  });
});

describe("the profile for macOS", () => {
  it("denies writing, then allows the places, narrowest last", () => {
    const lines = seatbeltProfile(placeRules(places), true).split("\n");
    const at = (line: string): number => {
      assert.ok(lines.includes(line), line);
      return lines.indexOf(line);
    };
    const work = at('(allow file-read* file-write* (subpath "/home/ada/.one/worktrees/w"))');
    assert.ok(at("(deny file-write*)") < work);
    assert.ok(work < at('(deny file-write* (subpath "/home/ada/.one/worktrees/w/.git"))'));
    at('(deny file-read* file-write* (subpath "/home/ada/.one/state"))');
    assert.ok(!lines.includes("(deny network*)"));
    assert.match(seatbeltProfile([], false), /\(deny network\*\)/);
  });

  it("takes no path for anything but a path", () => {
    const odd = seatbeltProfile([{ path: '/a")(allow default)"\\', access: "write" }], true);
    assert.match(odd, /\(subpath "\/a\\"\)\(allow default\)\\"\\\\"\)/);
    assert.throws(() => seatbeltProfile([{ path: "/a\nb", access: "write" }], true), /cannot be named/);
  });
});
