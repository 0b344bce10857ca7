import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { ArtifactFolder, CollectedArtifacts } from "../../../src/core/ports/artifacts";
import { ArtifactShelf } from "../../../src/machine/artifacts/artifactShelf";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { machinePaths } from "../../../src/machine/paths";
import { modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";

const png = Buffer.from("\x89PNG\r\n\x1a\npixels", "latin1");
const megabyte = 1024 * 1024;

describe("artifacts on a real disk", () => {
  let machine: Machine;
  let folder: ArtifactFolder;
  let shelf: ArtifactShelf;
  let outside: string;
  beforeEach(async () => {
    machine = await temporaryMachine();
    const { tmp, artifacts } = machinePaths(machine.home);
    folder = (await makeAttemptFolders(tmp, "s1", systemRandom)).artifacts;
    outside = join(machine.home, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret.txt"), "a secret of the owner");
    shelf = new ArtifactShelf({
      folder: artifacts,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      redact: (text) => text.replaceAll("hunter2", "[redacted]"),
    });
  });
  afterEach(() => machine.remove());

  const place = (...names: readonly string[]): string => join(folder.path, ...names);
  const put = (name: string, content: string | Buffer = "text"): Promise<void> =>
    writeFile(place(name), content);
  const collect = (): Promise<CollectedArtifacts> => shelf.collect(folder, neverAborted);
  const reasons = ({ refused }: CollectedArtifacts): Record<string, string> =>
    Object.fromEntries(refused.map((one) => [one.name, one.why]));
  const nothingOfTheOwner = async (found: CollectedArtifacts): Promise<void> => {
    for (const { artifactId } of found.accepted) {
      const text = Buffer.from(await shelf.read(artifactId)).toString();
      assert.doesNotMatch(text, /secret of the owner/u);
    }
  };

  it("are copied privately, in order, texts without secrets and pictures byte by byte", async () => {
    await put("b.md", "the password is hunter2");
    await put("a.png", png);
    await mkdir(place("more", "deep"), { recursive: true });
    await writeFile(place("more", "deep", "a.png"), png);
    const found = await collect();
    assert.deepEqual(
      found.accepted.map((one) => [one.name, one.mediaType, one.size, one.binary]),
      [
        ["a.png", "image/png", png.length, true],
        ["b.md", "text/markdown", "the password is [redacted]".length, false],
        ["a (2).png", "image/png", png.length, true],
      ],
    );
    assert.deepEqual([found.refused, found.unnamed], [[], 0]);
    const [picture, text] = found.accepted;
    assert.deepEqual(Buffer.from(await shelf.read(picture?.artifactId ?? "")), png);
    const path = (await shelf.pathOf(text?.artifactId ?? "")) ?? "";
    assert.equal(await readFile(path, "utf8"), "the password is [redacted]");
    assert.equal(await modeOf(path), "600");
    assert.equal(await modeOf(join(path, "..")), "700");
    assert.equal(await readFile(place("b.md"), "utf8"), "the password is hunter2", "the tool's file stays");
  });

  it("are nothing in an empty folder, and leave nothing on the disk", async () => {
    assert.deepEqual(await collect(), { accepted: [], refused: [], unnamed: 0 });
    await assert.rejects(stat(machinePaths(machine.home).artifacts), /ENOENT/u);
  });

  it("never come from outside: links, hard links, pipes, sockets and folders that are links are refused", async () => {
    await symlink(join(outside, "secret.txt"), place("link.txt"));
    await symlink(outside, place("folder"));
    await symlink("/dev/zero", place("device.txt"));
    await symlink(join(outside, "nowhere"), place("dangling.txt"));
    await link(join(outside, "secret.txt"), place("hard.txt"));
    execFileSync("mkfifo", [place("pipe.txt")]);
    const server = createServer();
    // The address of a socket has a hundred characters at most, wherever it lies later.
    server.listen(join(outside, "s"));
    await once(server, "listening");
    await rename(join(outside, "s"), place("socket"));
    try {
      await put("fine.txt");
      const found = await collect();
      assert.deepEqual(
        found.accepted.map((one) => one.name),
        ["fine.txt"],
      );
      const why = reasons(found);
      for (const name of ["link.txt", "folder", "device.txt", "dangling.txt", "pipe.txt", "socket"]) {
        assert.equal(why[name], "it is a link or no regular file", name);
      }
      assert.equal(why["hard.txt"], "it has another name elsewhere");
      await nothingOfTheOwner(found);
    } finally {
      server.close();
    }
  });

  it("are refused as a whole where the folder, or one above it, was swapped", async () => {
    await put("fine.txt");
    const moved = `${folder.path}.moved`;
    await rename(folder.path, moved);
    await symlink(outside, folder.path);
    await assert.rejects(collect(), /gone or was replaced/u);
    await rm(folder.path);
    await mkdir(folder.path);
    await assert.rejects(collect(), /replaced by another one/u);
    await rm(folder.path, { recursive: true });
    await assert.rejects(collect(), /gone or was replaced/u);
    await rename(moved, folder.path);
    assert.equal((await collect()).accepted.length, 1);

    const parent = join(folder.path, "..");
    await rename(parent, `${parent}.moved`);
    await mkdir(join(outside, "artifacts"));
    await symlink(outside, parent);
    await assert.rejects(collect(), /replaced by another one/u);
    await shelf.discard(folder);
    assert.ok((await readdir(outside)).includes("artifacts"), "nothing outside is removed");
  });

  it("are what their content says, and empty or unreadable ones are none", async () => {
    await put("page.html", png);
    await put("fake.png", "<script>");
    await put("empty.txt", "");
    await put("all.zip", "PK\x03\x04");
    await put("none.json", "{");
    const found = await collect();
    assert.deepEqual(
      found.accepted.map((one) => [one.name, one.mediaType]),
      [
        ["none.json.txt", "text/plain"],
        ["page.html.png", "image/png"],
      ],
    );
    assert.deepEqual(reasons(found), {
      "all.zip": "files of its kind are not taken",
      "empty.txt": "it is empty",
      "fake.png": "files of its kind are not taken",
    });
  });

  it("are at most 20 files, 25 MB each and 100 MB in all", async () => {
    const large = Buffer.concat([png, Buffer.alloc(25 * megabyte - png.length)]);
    await put("0-too-large.png", Buffer.concat([large, Buffer.alloc(1)]));
    for (let at = 1; at <= 5; at += 1) await put(`${at}.png`, large);
    for (let at = 10; at < 30; at += 1) await put(`6-${at}.txt`);
    const found = await collect();
    assert.equal(found.accepted.length, 4);
    const why = reasons(found);
    assert.equal(why["0-too-large.png"], "it is larger than 25 MB");
    assert.equal(why["5.png"], "all of them are larger than 100 MB");
    await Promise.all([1, 2, 3, 4, 5].map((at) => rm(place(`${at}.png`))));
    for (let at = 30; at < 80; at += 1) await put(`6-${at}.txt`);
    const many = await collect();
    assert.equal(many.accepted.length, 20);
    assert.equal(reasons(many)["6-30.txt"], "there are more than 20 files");
    assert.equal(many.refused.length, 20);
    assert.equal(many.unnamed, 31);
  });

  it("may have any name, of which only what is harmless is shown and kept", async () => {
    const names = ["\u001b[31mred\u202egnp.txt", 'a"\r\nX: y.md', `${"x".repeat(240)}.txt`, "-rf.txt"];
    for (const name of names) await put(name);
    await writeFile(
      Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from("bad\xff\xfe.txt", "latin1")]),
      "text",
    );
    const found = await collect();
    assert.equal(found.accepted.length, 5);
    for (const { name, artifactId } of found.accepted) {
      assert.match(name, /^[^\p{Cc}\p{Cf}"/\\]{1,100}$/u);
      assert.ok((await shelf.pathOf(artifactId))?.endsWith(`/${name}`) === true);
    }
  });

  it("are looked for neither too deep nor too far", async () => {
    const deep = Array.from({ length: 7 }, (_, at) => `d${at}`);
    await mkdir(place(...deep), { recursive: true });
    await writeFile(place(...deep, "deep.txt"), "text");
    const found = await collect();
    assert.deepEqual(found.accepted, []);
    assert.deepEqual(Object.values(reasons(found)), ["it lies too deep"]);
    await Promise.all(Array.from({ length: 2100 }, (_, at) => put(`${at}.bin`, "")));
    const many = await collect();
    assert.deepEqual(many.accepted, []);
    assert.ok(many.unnamed > 1900);
  });

  it("stop being looked at when nobody waits any more", async () => {
    await put("fine.txt");
    const stop = new AbortController();
    stop.abort(new Error("over"));
    await assert.rejects(shelf.collect(folder, stop.signal), /over/u);
  });

  it("are removed from the tool's folder once they are told, and the copies stay", async () => {
    await put("fine.txt");
    await symlink(outside, place("folder"));
    const found = await collect();
    await shelf.discard(folder);
    await assert.rejects(stat(folder.path), /ENOENT/u);
    assert.equal(await readFile(join(outside, "secret.txt"), "utf8"), "a secret of the owner");
    assert.equal(Buffer.from(await shelf.read(found.accepted[0]?.artifactId ?? "")).toString(), "text");
    await shelf.discard(folder);
  });

  it("are found by their id and by nothing else", async () => {
    for (const id of ["", "..", "../../outside", "a".repeat(36)]) {
      assert.equal(await shelf.pathOf(id), undefined);
      await assert.rejects(shelf.read(id), /not there any more/u);
    }
  });

  it("make room for new ones after 30 days", async () => {
    await put("old.txt");
    const [old] = (await collect()).accepted;
    const path = (await shelf.pathOf(old?.artifactId ?? "")) ?? "";
    const longAgo = new Date(Date.now() - 31 * 24 * 3_600_000);
    await utimes(path, longAgo, longAgo);
    const [fresh] = (await collect()).accepted;
    assert.equal(await shelf.pathOf(old?.artifactId ?? ""), undefined);
    assert.ok((await shelf.pathOf(fresh?.artifactId ?? "")) !== undefined);
  });
});
