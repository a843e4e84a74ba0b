// The page of test_chromium.py: the engine's page side under names that a test can call.
import { start } from "../../../backup/static_src/backup/engine/worker/client.js";
import { choose } from "../../../backup/static_src/backup/engine/disk/target.js";

const plain = (error) => ({ kind: error.kind ?? error.name, message: error.message });
const violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective}: ${event.blockedURI}`));

window.backup = {
  engine: start("/worker.js"),
  violations,

  async call(call, args) {
    return this.engine.call(call, args);
  },

  /** How often this thread came to its turn while a call ran. */
  async turns(call, args) {
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 10);
    const value = await this.engine.call(call, args);
    clearInterval(ticking);
    return { value, turns };
  },

  async save(what, call, args) {
    try {
      const save = await choose(what);
      await save(this.engine, call, args);
      return "saved";
    } catch (error) {
      return plain(error);
    }
  },

  /** The browser's own store, with what is in it. */
  async stored() {
    const top = await navigator.storage.getDirectory();
    const folder = await top.getDirectoryHandle("backup-restores", { create: true });
    const names = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  },

  /** Whether nothing is in it any more, within ten seconds. */
  async emptied() {
    for (let tries = 0; tries < 100; tries++) {
      if (!(await this.stored()).length) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  },

  /** Make `showSaveFilePicker` choose a file of the browser's own store, for no dialog opens without a person. */
  async choosing(name) {
    const top = await navigator.storage.getDirectory();
    this.chosen = await top.getFileHandle(name, { create: true });
    window.showSaveFilePicker = async () => this.chosen;
  },

  async written() {
    const file = await this.chosen.getFile();
    return { size: file.size, text: file.size < 1000 ? await file.text() : "" };
  },

  /** Seal what was chosen in the page's field; the fragments go to `take`. */
  async seal(passphrase) {
    const [file] = document.querySelector("input").files;
    const { fragments, link, size } = await this.engine.call("seal", { name: "one", file, passphrase });
    const parts = [];
    for (let number = 0; number < fragments; number++) parts.push((await this.engine.call("fragment", { name: "one", number })).bytes);
    const reader = new FileReader();
    const read = new Promise((resolve) => (reader.onload = resolve));
    reader.readAsDataURL(new Blob(parts));
    await read;
    return { link, size, object: reader.result.slice(reader.result.indexOf(",") + 1) };
  },
};
document.documentElement.dataset.ready = "";
