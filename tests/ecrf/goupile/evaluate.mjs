// Reads {texts, requests, limits} on stdin and answers with what the browser's engine makes of each, and how long it took.
import { readFileSync } from "node:fs";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";
import { LIMITS, makeEngine } from "../../../ecrf/static_src/ecrf/goupile/engine.js";

const { texts, requests, limits } = JSON.parse(readFileSync(0, "utf8"));
const load = async () => makeEngine(await newQuickJSWASMModuleFromVariant(variant), texts, { ...LIMITS, ...limits });
let engine = await load();
const answers = [];
for (const request of requests) {
  const start = performance.now();
  const answer = engine.evaluate(request);
  answers.push({ answer, milliseconds: performance.now() - start });
  if (engine.broken) engine = await load();
}
process.stdout.write(JSON.stringify(answers));
