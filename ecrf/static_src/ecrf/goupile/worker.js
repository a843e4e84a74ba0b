// The worker that runs page scripts: requests in, answers out. Its page ends it when it doesn't answer.

import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import wasm from "@jitl/quickjs-ng-wasmfile-release-sync/wasm";
import { newQuickJSWASMModuleFromVariant, newVariant } from "quickjs-emscripten-core";
import parser from "script:node_modules/acorn/dist/acorn.js";
import runtime from "script:ecrf/engine/goupile/runtime/start.js";
import { makeEngine } from "./engine.js";

const location = new URL(wasm, import.meta.url).href;
const ready = newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmLocation: location })).then((QuickJS) =>
  makeEngine(QuickJS, { runtime, parser }),
);

addEventListener("message", async ({ data: { id, request, milliseconds } }) => {
  const engine = await ready;
  try {
    postMessage({ id, answer: engine.evaluate(request, milliseconds), broken: engine.broken });
  } catch (error) {
    // WebAssembly itself gave up: its memory can't be trusted any more, so the page takes another worker.
    postMessage({ id, answer: { ok: false, error: { code: "memory", message: String(error), file: "", line: null } }, broken: true });
  }
});
ready.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ broken: true, error: String(error) }),
);
