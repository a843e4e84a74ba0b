// What is taken out of the backup: a file, a zip, or a folder of this computer; one at a time, told at its end.
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { choose } from "../engine/disk/target.js";
import { safe } from "../sends/names.js";
import { duration, size } from "../sends/words.js";
import { ask } from "./portal.js";
import { cause, count, files, printable, trouble } from "./words.js";

const SPEED_OVER = 5000, TOLD_EVERY = 300;
const MOST_TOLD = 200;

export class Takings {
  busy = false;

  constructor(browser) {
    this.browser = browser;
    browser.part("stop").addEventListener("click", () => this.stopping?.abort(new Error("stopped")));
    browser.part("told-close").addEventListener("click", () => (browser.part("told").hidden = true));
  }

  /** One file as it was. */
  file({ snapshot, entry }) {
    const name = safe(entry.shown);
    return this.#download("file", { snapshot: snapshot.id, path: entry.path }, { name, size: entry.size, title: entry.shown });
  }

  /** These paths as one zip; all where there is none. */
  zip({ snapshot, paths, name, size: total }) {
    const file = `${safe(name).slice(0, 100)}-${snapshot.id.slice(0, 8)}.zip`;
    return this.#download("zip", { snapshot: snapshot.id, paths }, { name: file, size: total, title: file });
  }

  async #download(call, args, { name, size: total, title }) {
    if (this.#isTaken()) return;
    const { engine } = this.browser;
    await this.#during(title, total, async (options) => {
      const keep = await choose({ name, size: total });
      const token = crypto.randomUUID();
      this.#begin();
      await keep(engine, call, { ...args, token }, options);
      return engine.call("report", { token });
    });
  }

  /** These paths into a new folder below one that the person chooses. */
  async into({ snapshot, paths, name, size: total }) {
    if (this.#isTaken()) return;
    const { engine } = this.browser;
    await this.#during(name, total, async (options) => {
      const folder = await showDirectoryPicker({ mode: "readwrite", id: "backup" });
      this.#begin();
      return engine.call("folder", { snapshot: snapshot.id, paths, folder, name: `${safe(name).slice(0, 100)}-${snapshot.id.slice(0, 8)}` }, options);
    });
  }

  /** Tells the portal how much: numbers, no names. */
  async count({ files: done, bytes, left_out = 0 }) {
    const { opening, dataset } = this.browser;
    await ask("POST", `${dataset.openings}${opening.id}/took/`, { files: done, bytes, left_out });
  }

  forget() {
    this.stopping?.abort(new Error("stopped"));
    for (const name of ["work", "told"]) this.browser.part(name).hidden = true;
    for (const name of ["work-title", "doing", "told-text", "told-list"]) this.browser.say(name, "");
  }

  #isTaken() {
    if (this.busy) toast(gettext("Something is being taken out already: wait until it has ended, or cancel it."), "warning");
    return this.busy;
  }

  async #during(title, total, work) {
    const { browser } = this;
    this.busy = true;
    this.stopping = new AbortController();
    browser.calm();
    browser.part("told").hidden = true;
    browser.say("work-title", interpolate(gettext("Taking out: %s"), [title]));
    try {
      const report = await work({ signal: this.stopping.signal, progress: this.#meter(total) });
      this.#rest();
      this.#tell(report);
      await this.count({ files: report.files, bytes: report.bytes, left_out: report.problems.length });
    } catch (error) {
      if (error.name === "AbortError") return; // no folder was chosen
      if (error.kind === "stopped") this.#isBegun() && toast(gettext("Cancelled: nothing was kept."), "info");
      else browser.fail(error);
    } finally {
      this.#rest();
    }
  }

  /** The next thing may be taken out. */
  #rest() {
    this.busy = false;
    this.browser.guard(false);
    this.browser.part("work").hidden = true;
  }

  #begin() {
    this.browser.part("work").hidden = false;
    this.browser.guard(true);
    this.browser.part("stop").focus();
  }

  #isBegun() {
    return !this.browser.part("work").hidden;
  }

  /** What is done, how fast, and how long it still takes where it is known how much there is. */
  #meter(total) {
    const { browser } = this;
    const bar = browser.part("bar");
    if (total) Object.assign(bar, { max: total, value: 0 });
    else bar.removeAttribute("value");
    for (const name of ["doing", "done", "speed"]) browser.say(name, "");
    const marks = [];
    let told = 0;
    return ({ indexes, of, bytes = 0, files: done, doing }) => {
      if (indexes) return browser.say("doing", interpolate(gettext("Reading the index: %(done)s of %(all)s"), { done: indexes, all: of }, true));
      const now = performance.now();
      marks.push([now, bytes]);
      while (marks.length > 2 && now - marks[0][0] > SPEED_OVER) marks.shift();
      if (now - told < TOLD_EVERY) return undefined;
      told = now;
      if (total) bar.value = bytes;
      const amount = total ? interpolate(gettext("%(done)s of %(all)s"), { done: size(bytes), all: size(total) }, true) : size(bytes);
      browser.say("done", done ? `${amount} · ${files(done)}` : amount);
      browser.say("doing", doing ? printable(doing) : "");
      const [[since, before]] = marks;
      const speed = now - since > 1000 ? (1000 * (bytes - before)) / (now - since) : 0;
      const words = { speed: size(speed), left: total ? duration((total - bytes) / speed) : "" };
      const fast = total ? gettext("%(speed)s a second, %(left)s left") : gettext("%(speed)s a second");
      return browser.say("speed", speed > 0 ? interpolate(fast, words, true) : "");
    };
  }

  /** The report: what came out, what was left out and why. */
  #tell({ files: done, bytes, problems, name, failed }) {
    const { browser } = this;
    const box = browser.part("told");
    const good = !problems.length && !failed;
    box.className = `notice notice-${good ? "done" : "warning"}`;
    browser.part("told-icon").replaceChildren(good ? icon("circle-check") : icon("alert-triangle"));
    browser.say("told-title", `${files(done)}, ${size(bytes)}`);
    const words = [good ? gettext("All of it is whole: each file is the one that was saved.") : count((n) => ngettext("%s thing was left out.", "%s things were left out.", n), problems.length)];
    if (failed) words.unshift(failed.kind === "stopped" ? gettext("It was cancelled.") : trouble(failed));
    if (name) words.push(interpolate(gettext("It is in the new folder “%s”."), [name]));
    if (problems.length > MOST_TOLD) words.push(interpolate(gettext("The first %s:"), [MOST_TOLD]));
    browser.say("told-text", words.join(" "));
    browser.part("told-list").replaceChildren(
      ...problems.slice(0, MOST_TOLD).map((each) => Object.assign(document.createElement("li"), { textContent: `${printable(each.path)}: ${cause(each)}` })),
    );
    box.hidden = false;
    box.focus();
  }
}
