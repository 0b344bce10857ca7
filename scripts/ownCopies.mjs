// What two chunks share goes, file by file, into a chunk that both load. The adapter for the Agent Client Protocol and its
// library need so much more of zod than the rest that every start of the extension would pay for it: they get copies of their own.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";

const suffix = "?own";

/** A plugin that gives the files of `owners`, parts of their paths, copies of their own of the packages that `filter` names. */
function ownCopies({ owners, filter }) {
  return {
    name: "own-copies",
    setup(build) {
      const resolve = async ({ path, resolveDir, kind }) => {
        const found = await build.resolve(path, { resolveDir, kind, pluginData: { resolved: true } });
        if (found.errors.length > 0) return found;
        return { path: found.path, suffix, sideEffects: found.sideEffects, pluginData: { own: true } };
      };
      build.onResolve({ filter }, (asked) => {
        const owned = owners.some((one) => asked.importer.replaceAll("\\", "/").includes(one));
        if (asked.pluginData?.resolved === true || !owned) return undefined;
        return resolve(asked);
      });
      build.onResolve({ filter: /^\./ }, (asked) =>
        asked.pluginData?.own === true ? resolve(asked) : undefined,
      );
      build.onLoad({ filter: /\.[cm]?js$/ }, async ({ path, suffix: found }) => {
        if (found !== suffix) return undefined;
        const contents = await readFile(path, "utf8");
        return { contents, loader: "js", resolveDir: dirname(path), pluginData: { own: true } };
      });
    },
  };
}

/** What the build of the extension needs. */
export const acpOwnCopies = () =>
  ownCopies({ owners: ["/@agentclientprotocol/", "/src/runtime/acp/"], filter: /^zod(\/|$)/ });
