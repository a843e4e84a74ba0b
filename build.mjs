// Makes core/static/build from every app's browser code: one script and one style sheet per app, the fonts, and a sprite
// of the icons in use. `node build.mjs --watch` makes it again whenever a source changes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const ROOT = dirname(fileURLToPath(import.meta.url));
const OUT = join(ROOT, "core/static/build");
const ICONS = join(ROOT, "node_modules/@tabler/icons/icons");
const SKIPPED = new Set(["node_modules", "build", "locale", "migrations", "__pycache__"]);

/** The tools and the rooms of the core: every folder with an apps.py. */
function apps() {
  const folders = ["", "core"].flatMap((parent) =>
    readdirSync(join(ROOT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => join(parent, entry.name)),
  );
  return folders.filter((folder) => existsSync(join(ROOT, folder, "apps.py")));
}

/** `<app>.js` from index.js, and `<app>-<name>.js` from each file in entries/, for what only some pages load. */
function entries() {
  const found = {};
  for (const folder of apps()) {
    const app = basename(folder);
    const source = join(ROOT, folder, "static_src", app);
    if (existsSync(join(source, "index.js"))) found[app] = join(source, "index.js");
    if (!existsSync(join(source, "entries"))) continue;
    for (const file of readdirSync(join(source, "entries")).filter((name) => name.endsWith(".js")))
      found[`${app}-${basename(file, ".js")}`] = join(source, "entries", file);
  }
  return found;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* files(path);
    else if (/\.(html|py|js)$/.test(entry.name)) yield path;
  }
}

/** Where an icon is named: the tag, an argument or attribute `icon`, a call of icon() in a script. */
const NAMED = [
  /\{%-?\s*(?:icon|empty_state)\s+["']([a-z0-9-]+)["']/g,
  /\b\w*icon["']?\s*[=:]\s*["']([a-z0-9-]+)["']/g,
  /\bicon\(\s*["']([a-z0-9-]+)["']/g,
];

/** Every icon named in the templates, apps and scripts, with the first place that names it. */
function iconsInUse() {
  const names = new Map();
  for (const app of apps())
    for (const path of files(join(ROOT, app))) {
      const text = readFileSync(path, "utf8");
      for (const pattern of NAMED)
        for (const [, name] of text.matchAll(pattern)) if (!names.has(name)) names.set(name, relative(ROOT, path));
    }
  return new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One symbol per icon. An unknown name stops the build, with the file that names it. */
function sprite() {
  const unknown = [];
  const symbols = [];
  for (const [name, place] of iconsInUse()) {
    const filled = name.endsWith("-filled");
    const file = join(ICONS, filled ? "filled" : "outline", `${filled ? name.slice(0, -7) : name}.svg`);
    if (!existsSync(file)) {
      unknown.push(`${place} names the icon "${name}", which @tabler/icons doesn't have.`);
      continue;
    }
    const drawing = readFileSync(file, "utf8")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
      .replace(/\s+/g, " ")
      .trim();
    const paint = filled ? ' fill="currentColor" stroke="none"' : "";
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24"${paint}>${drawing}</symbol>`);
  }
  if (unknown.length) throw new Error(unknown.join("\n"));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

/** `script:<path>` is the text of a script that runs in an engine of its own: ours bundled, a package's as it is. */
const scripts = {
  name: "scripts",
  setup(esbuilder) {
    esbuilder.onResolve({ filter: /^script:/ }, ({ path }) => ({ path: join(ROOT, path.slice(7)), namespace: "script" }));
    esbuilder.onLoad({ filter: /.*/, namespace: "script" }, async ({ path }) => ({
      contents: path.includes("node_modules") ? await shortened(path) : await bundled(path),
      loader: "text",
    }));
  },
};

const shortened = async (path) => (await esbuild.transform(readFileSync(path, "utf8"), { minify: true, legalComments: "inline" })).code;

async function bundled(path) {
  const result = await esbuild.build({ entryPoints: [path], bundle: true, format: "iife", minify: true, keepNames: true, write: false });
  return result.outputFiles[0].text;
}

async function build() {
  const result = await esbuild.build({
    entryPoints: entries(),
    outdir: OUT,
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome120", "firefox121", "safari17.4"],
    minify: true,
    write: false,
    legalComments: "eof",
    entryNames: "[name]",
    chunkNames: "parts/[name]-[hash]",
    assetNames: "[ext]/[name]-[hash]",
    loader: { ".woff2": "file", ".wasm": "file" },
    plugins: [scripts],
    logLevel: "warning",
    metafile: true,
  });
  const made = result.outputFiles.map((file) => [relative(OUT, file.path), file.contents]);
  for (const app of apps()) made.push(...(await ownFiles(app)));
  made.push(["icons.svg", Buffer.from(sprite())]);
  made.push(["acorn.js", Buffer.from(await shortened(join(ROOT, "node_modules/acorn/dist/acorn.js")))]); // the server's parser of page scripts
  const versions = {};
  for (const [name, contents] of made) {
    versions[name] = createHash("sha256").update(contents).digest("hex").slice(0, 12);
    replace(name, contents);
  }
  for (const [name, contents] of made.filter(([each]) => /\.(js|css|svg|wasm)$/.test(each))) {
    replace(`${name}.gz`, gzipSync(contents, { level: 9 }));
    versions[`${name}.gz`] = versions[name];
  }
  replace("needed.json", Buffer.from(JSON.stringify(needed(result.metafile), null, 1) + "\n"));
  replace("manifest.json", Buffer.from(JSON.stringify(versions, null, 1) + "\n"));
  removeStale(new Set([...Object.keys(versions), "manifest.json", "needed.json"]));
  return made.reduce((sum, [, contents]) => sum + contents.length, 0);
}

/** What an app draws itself at the build: `files()` of its `made.mjs` gives names and contents. */
async function ownFiles(app) {
  const source = join(ROOT, app, "static_src", basename(app), "made.mjs");
  return existsSync(source) ? (await import(pathToFileURL(source))).files() : [];
}

/** For each entry, the parts, fonts and styles that its script and its style sheet load: what works without a network. */
function needed({ outputs }) {
  const name = (path) => relative(OUT, join(ROOT, path));
  const found = {};
  const follow = (path, seen) => {
    for (const { path: next, external } of outputs[path]?.imports ?? []) {
      if (external || seen.has(next)) continue;
      seen.add(next);
      follow(next, seen);
    }
    return seen;
  };
  for (const path of Object.keys(outputs)) if (outputs[path].entryPoint || path.endsWith(".css")) found[name(path)] = [...follow(path, new Set())].map(name).sort();
  return found;
}

/** A running server never sees half a file. */
function replace(name, contents) {
  const path = join(OUT, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
}

function removeStale(kept, folder = OUT) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeStale(kept, path);
    else if (!kept.has(relative(OUT, path)) && !entry.name.endsWith(".new")) rmSync(path);
  }
}

async function report() {
  const start = performance.now();
  try {
    const size = await build();
    console.log(`core/static/build: ${Math.round(size / 1024)} KiB in ${Math.round(performance.now() - start)} ms`);
    return true;
  } catch (error) {
    console.error(`The browser assets can't be built.\n${error.message}`);
    return false;
  }
}

const good = await report();
if (process.argv.includes("--watch")) {
  let waiting;
  for (const app of apps())
    watch(join(ROOT, app), { recursive: true }, (_event, name) => {
      if (!/\.(html|js|css)$|apps\.py$/.test(name ?? "")) return;
      clearTimeout(waiting);
      waiting = setTimeout(report, 100);
    });
} else if (!good) process.exit(1);
