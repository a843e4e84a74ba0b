// The worker as build.mjs makes it, and the page of test_chromium.py, into a folder.
import { build } from "esbuild";

await build({
  entryPoints: { worker: "backup/static_src/backup/entries/worker.js", page: "tests/backup/browser/page.js" },
  outdir: process.argv[2],
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome120", "firefox121", "safari17.4"],
  minify: true,
  chunkNames: "parts/[name]-[hash]",
});
