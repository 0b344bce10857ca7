// The licences of the packages whose code is in the bundles, as they ask to be passed on.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./bootstrap.mjs";

/** Licences that ask for no more than their text, notices and the author's name. Another one needs a person's look before it ships. */
const accepted = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "CC-BY-4.0"]);

/** The packages among the inputs of esbuild's metafiles, each once, by name. */
export function bundledPackages(metafiles) {
  const inputs = metafiles
    .flatMap((one) => Object.values(one.outputs))
    .flatMap((one) => Object.keys(one.inputs));
  const names = inputs.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** @throws when a package's licence is not accepted, or its text is missing. */
export function thirdPartyNotices(packages) {
  const parts = packages.map((name) => {
    const folder = join(projectRoot, "node_modules", name);
    const { version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!accepted.has(license))
      throw new Error(`${name} ships under ${license}: look at it before it is bundled`);
    const by = author?.name === undefined ? "" : ` by ${author.name}`;
    return [`${name} ${version}${by} (${license})`, ...licenceTexts(folder, name)].join("\n\n");
  });
  const head = "This extension contains code of the packages below, under their own licences.";
  return `${[head, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function licenceTexts(folder, name) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)(\.|-|$)/iu.test(file));
  const texts = files.map((file) => join(folder, file)).filter((file) => existsSync(file));
  if (texts.length === 0) throw new Error(`${name} has no licence file to pass on`);
  return texts.map((file) => readFileSync(file, "utf8").trim());
}
