import { lstat, readdir, readFile, readlink } from "node:fs/promises";

/** Every file below a folder with its mode and bytes, but for the `.git` at its top: what has to come back. */
export async function treeImage(root: string): Promise<Record<string, string>> {
  const image: Record<string, string> = {};
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const names = await readdir(folder === "" ? root : rawPlace(root, folder), { encoding: "buffer" });
    for (const name of names) {
      const path = folder === "" ? name.toString("latin1") : `${folder}/${name.toString("latin1")}`;
      if (path === ".git") continue;
      const place = rawPlace(root, path);
      const found = await lstat(place);
      if (found.isDirectory()) waiting.push(path);
      else if (found.isSymbolicLink()) {
        image[path] = `link ${(await readlink(place, "buffer")).toString("latin1")}`;
      } else {
        image[path] =
          `${(found.mode & 0o100) === 0 ? "file" : "program"} ${(await readFile(place)).toString("latin1")}`;
      }
    }
  }
  return image;
}

function rawPlace(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
}
