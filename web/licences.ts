import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Plugin, Rolldown } from "vite";

/** Where a package's files begin in the path of one of them, and its name. */
const INSTALLED = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** Helpers that the tools write into a bundle have no file: their names begin so. */
const HELPERS: [string, string][] = [
  ["\0vite/", "vite"],
  ["\0rolldown/", "rolldown"],
];

/**
 * The folder of the package that a bundled module belongs to, null where it is our own. A module
 * that is neither a file nor a known helper is an error: somebody's licence would be missed.
 */
export function packageOf(id: string, root: string): string | null {
  const path = id.replaceAll("\\", "/").replace(/\?.*$/, "");
  const installed = INSTALLED.exec(path);
  if (installed?.[1]) return installed[1].replace(/^\0/, "");
  const helper = HELPERS.find(([head]) => path.startsWith(head));
  if (helper) return join(root, "node_modules", helper[1]);
  if (path.startsWith(root.replaceAll("\\", "/") + "/")) return null;
  throw new Error(`nobody knows whose licence ${JSON.stringify(id)} has`);
}

/** Everything that the bundle has something of: code that is left, style sheets, fonts. */
function bundled(bundle: Rolldown.OutputBundle, sheets: Iterable<string>, root: string): string[] {
  const ids = [...sheets].filter((id) => /\.css(\?|$)/.test(id));
  for (const file of Object.values(bundle)) {
    if (file.type === "asset") {
      ids.push(...file.originalFileNames.map((name) => join(root, name)));
    } else {
      ids.push(...Object.keys(file.modules).filter((id) => file.modules[id]?.renderedLength));
    }
  }
  return ids;
}

/** The text of a package's licence. The tools append what they bundle themselves: not in ours. */
function text(folder: string): string {
  const name = readdirSync(folder).find((file) => /^licen[cs]e(\.(md|txt))?$/i.test(file));
  if (!name) throw new Error(`${folder} has no text of its licence`);
  const whole = readFileSync(join(folder, name), "utf8");
  return (whole.split(/^# Licenses of bundled dependencies$/m)[0] ?? whole).trim();
}

/** One package as LICENSES.txt has it: a line `name version: licence`, then the text. */
function entry(folder: string): string {
  const of = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${of.name} ${of.version}: ${of.license}\n\n${text(folder)}\n`;
}

/** Writes LICENSES.txt beside the page: whoever passes a bundle on passes these on. */
export function licences(): Plugin {
  let root = "";
  return {
    name: "licences",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const id of bundled(bundle, this.getModuleIds(), root)) {
        const folder = packageOf(id, root);
        if (folder && existsSync(join(folder, "package.json"))) folders.add(folder);
        else if (folder) throw new Error(`${folder} is bundled and is no package`);
      }
      const head = "The page of Offramp contains these packages, under these licences.\n";
      const rule = "-".repeat(78);
      const entries = [...folders].map(entry).sort();
      this.emitFile({
        type: "asset",
        fileName: "LICENSES.txt",
        source: [head, ...entries].join(`\n${rule}\n\n`),
      });
    },
  };
}
