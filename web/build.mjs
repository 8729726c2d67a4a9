/* Bundle the pages' programs and instruments, and print how large each came out.

   Every .js file directly in programs/pages and in instruments becomes one classic script of the
   same name in _build/web (modules, which browsers refuse to load from disk, would not do). The
   programs' pages and their style are copied beside their scripts. */

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "_build", "web");

function filesIn(folder, kind) {
  const path = join(here, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((name) => kind.test(name)).map((name) => join(path, name));
}

const entryPoints = ["programs/pages", "instruments"].flatMap((folder) => filesIn(folder, /\.js$/)).sort();
const names = entryPoints.map((path) => basename(path));
const twice = names.find((name, i) => names.indexOf(name) !== i);
if (twice) throw new Error(`web has two entries named ${twice}; one script would replace the other.`);

/* How many bytes each data set of web/data is when it is gzipped, piece by piece. */
mkdirSync(target, { recursive: true });
const sizes = {};
for (const file of readdirSync(target)) {
  const [, name] = /^(\w+)\.\d+\.js$/.exec(file) ?? [];
  if (name) sizes[name] = (sizes[name] ?? 0) + gzipSync(readFileSync(join(target, file))).length;
}
await esbuild.build({
  entryPoints: Object.fromEntries(entryPoints.map((path) => [basename(path, ".js"), path])),
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  legalComments: "inline", // the licenses of what is bundled travel with it
  define: { DATA_SIZES: JSON.stringify(sizes) },
  loader: { ".wasm": "dataurl" }, // from disk a page may not fetch a file
  logLevel: "warning",
});

for (const path of [...filesIn("programs/pages", /\.html$/), ...filesIn("style", /^program\.css$/)]) copyFileSync(path, join(target, basename(path)));
for (const name of names) {
  const bytes = readFileSync(join(target, name));
  const kb = (size) => (size / 1000).toFixed(1).padStart(8);
  console.log(`${name.padEnd(24)}${kb(bytes.length)} KB${kb(gzipSync(bytes).length)} KB gzipped`);
}
