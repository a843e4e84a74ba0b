// The folders of the backup that is shown, one at a time; what a search finds; what is chosen.
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { size } from "../sends/words.js";
import { button, cell, column, Rows } from "./rows.js";
import { count, kind, number, printable, sizeOf, time } from "./words.js";

/** Entries of one folder that a page can show. */
const MOST = 200_000;
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
const ORDERS = {
  name: (one, other) => (other.type === "d") - (one.type === "d") || collator.compare(one.shown, other.shown),
  size: (one, other) => (one.size ?? -1) - (other.size ?? -1) || collator.compare(one.shown, other.shown),
  modified: (one, other) => one.modified - other.modified || collator.compare(one.shown, other.shown),
};

export class Files {
  path = "";
  entries = [];
  chosen = new Map();
  #order = ["name", 1];
  #asked = null;
  #searching = null;

  constructor(browser) {
    this.browser = browser;
    const { all, columns } = this.#columns();
    this.all = all;
    this.columns = columns;
    this.rows = new Rows(browser.part("list"), browser.part("list-pager"), browser.part("list-shown"), {
      columns,
      draw: (entry) => this.#draw(entry),
      keys: { Enter: (entry) => this.activate(entry), Backspace: () => void this.up(), " ": (entry) => this.choose(entry) },
    });
    const on = (name, act) => browser.part(name).addEventListener("click", act);
    on("zip", () => void this.#take("zip"));
    on("into", () => void this.#take("into"));
    on("none", () => (this.clear(), this.rows.redraw()));
    on("search-stop", () => this.#searching?.abort());
    on("search-leave", () => void this.go(this.path));
    browser.part("into").hidden = !globalThis.showDirectoryPicker;
    browser.part("search").addEventListener("submit", (event) => (event.preventDefault(), void this.search()));
    browser.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Shows a folder. @param {{nearest?: boolean, from?: string}} how `nearest`: one above it where it isn't there; `from`: the name to come back to */
  async go(path, { nearest = false, from = "" } = {}) {
    const asked = (this.#asked = {});
    this.#leaveSearch();
    this.browser.calm();
    this.say(gettext("Reading the folder…"));
    try {
      const { entries, total, missing } = await this.#list(path, nearest);
      if (asked !== this.#asked) return;
      this.entries = entries.map((entry) => ({ ...entry, path: this.path ? `${this.path}/${entry.name}` : entry.name }));
      this.missing = missing;
      this.#sort();
      this.#crumbs();
      this.#draws(Math.max(0, this.entries.findIndex(({ name }) => name === from)));
      const words = [count((n) => ngettext("%s entry", "%s entries", n), total)];
      if (total > entries.length) words.push(interpolate(gettext("the first %s are shown: search for the others"), [number(entries.length)]));
      if (missing.length) words.push(gettext("parts of the index are gone or damaged: what only they hold can’t be read"));
      this.say(words.join(" · "));
      this.rows.focus();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.say("");
      this.browser.fail(error);
    }
  }

  async #list(path, nearest) {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf("/"), 0))) {
      try {
        const found = await this.browser.engine.call("list", { snapshot: this.browser.current.id, path: at, limit: MOST }, { progress: this.#reading });
        this.path = at;
        return found;
      } catch (error) {
        if (!nearest || !at || !["missing", "error"].includes(error.kind)) throw error;
      }
    }
  }

  #reading = ({ indexes, of }) => indexes && this.say(interpolate(gettext("Reading the index: %(done)s of %(all)s"), { done: indexes, all: of }, true));

  async up() {
    if (this.#searching) return this.go(this.path);
    if (!this.path) return;
    const at = this.path.lastIndexOf("/");
    await this.go(this.path.slice(0, Math.max(at, 0)), { from: this.path.slice(at + 1) });
  }

  activate(entry) {
    if (entry.type === "d") void this.go(entry.path);
    else this.browser.panel.show(entry);
  }

  async search() {
    const query = this.browser.part("search").querySelector("input").value.trim();
    if (!query) return;
    this.#asked = {};
    this.#searching?.abort();
    const stopping = (this.#searching = new AbortController());
    this.browser.calm();
    this.browser.part("search-stop").hidden = false;
    this.browser.part("search-leave").hidden = false;
    const told = (looked, found) => interpolate(gettext("%(found)s found among %(looked)s entries"), { found: number(found), looked: number(looked) }, true);
    this.say(gettext("Searching…"));
    try {
      const args = { snapshot: this.browser.current.id, query, limit: 5000 };
      const { found, more, looked, problems } = await this.browser.engine.call("search", args, {
        signal: stopping.signal,
        progress: (done) => (done.indexes ? this.#reading(done) : this.say(told(done.looked, done.found))),
      });
      if (this.#searching !== stopping) return;
      this.entries = found;
      this.#sort();
      this.#draws(0);
      const words = [told(looked, found.length)];
      if (more) words.push(gettext("there are more: search for something narrower"));
      if (problems.length) words.push(count((n) => ngettext("%s folder couldn’t be read", "%s folders couldn’t be read", n), problems.length));
      this.say(words.join(" · "));
      this.rows.focus();
    } catch (error) {
      if (this.#searching !== stopping) return;
      this.say(error.kind === "stopped" ? gettext("The search was stopped.") : "");
      this.browser.fail(error);
    } finally {
      if (this.#searching === stopping) this.browser.part("search-stop").hidden = true;
    }
  }

  #leaveSearch() {
    this.#searching?.abort();
    this.#searching = null;
    this.browser.part("search-stop").hidden = true;
    this.browser.part("search-leave").hidden = true;
    this.browser.part("search").reset();
  }

  choose(entry, on = !this.chosen.has(entry.path)) {
    if (on) this.chosen.set(entry.path, entry);
    else this.chosen.delete(entry.path);
    const box = this.rows.body.querySelector(`tr[data-index="${this.entries.indexOf(entry)}"] input`);
    if (box) box.checked = on;
    this.#tell();
  }

  clear() {
    this.chosen.clear();
    this.#tell();
  }

  /** All that was read is gone from the page too. */
  forget() {
    this.#asked = null;
    this.#leaveSearch();
    this.clear();
    this.path = "";
    this.entries = [];
    this.rows.show([]);
    this.browser.part("crumbs").replaceChildren();
    this.say("");
  }

  say(words) {
    this.browser.say("found", words);
  }

  #take(how) {
    const { takings, current } = this.browser;
    const picked = [...this.chosen.values()];
    const whole = !picked.length && !this.path;
    const known = picked.every(({ type }) => type !== "d");
    return takings[how]({
      snapshot: current,
      paths: picked.length ? picked.map(({ path }) => path) : this.path ? [this.path] : [],
      size: whole ? current.bytes : picked.length && known ? picked.reduce((sum, { size: each = 0 }) => sum + each, 0) : undefined,
      name: picked.length === 1 ? picked[0].shown : this.path.slice(this.path.lastIndexOf("/") + 1) || current.source,
    });
  }

  /** What is chosen, and what the buttons take. */
  #tell() {
    const some = this.chosen.size;
    const bytes = [...this.chosen.values()].reduce((sum, entry) => sum + (entry.size ?? 0), 0);
    this.browser.say("chosen", some ? `${count((n) => ngettext("%s chosen", "%s chosen", n), some)}${bytes ? ` · ${size(bytes)}` : ""}` : "");
    const where = this.path ? gettext("Download this folder (zip)") : gettext("Download everything (zip)");
    this.browser.say("zip-word", some ? gettext("Download what is chosen (zip)") : where);
    this.browser.say("into-word", some ? gettext("Restore what is chosen into a folder") : gettext("Restore it into a folder of this computer"));
    this.browser.part("none").hidden = !some;
    this.all.checked = this.entries.length > 0 && this.entries.every(({ path }) => this.chosen.has(path));
  }

  #sort() {
    const [key, way] = this.#order;
    this.entries.sort((one, other) => way * ORDERS[key](one, other));
  }

  #draws(at) {
    this.rows.show(this.entries, at);
    this.browser.part("empty").hidden = this.entries.length > 0;
    this.browser.say("empty-title", this.#searching ? gettext("Nothing is called that") : gettext("This folder is empty"));
    this.#tell();
  }

  #draw(entry) {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input", checked: this.chosen.has(entry.path) });
    box.setAttribute("aria-label", interpolate(gettext("Choose %s"), [entry.shown]));
    box.addEventListener("change", () => this.choose(entry, box.checked));
    const [symbol, word] = kind(entry.type);
    const open = button(entry.shown, () => this.activate(entry), { look: "btn-link files-open", symbol });
    const about = button("", () => this.browser.panel.show(entry), { look: "btn-icon", symbol: icon("info-circle") });
    about.setAttribute("aria-label", interpolate(gettext("Details of %s"), [entry.shown]));
    open.dataset.main = "";
    for (const stop of [box, open, about]) stop.dataset.stop = "";
    const name = cell("", open);
    if (this.#searching && entry.path.includes("/")) {
      const place = Object.assign(document.createElement("span"), { className: "files-place text-soft", textContent: printable(entry.path.slice(0, entry.path.lastIndexOf("/"))) });
      name.append(place);
    }
    const cells = [cell("", box), name, cell(gettext("Kind"), word), cell(gettext("Size"), sizeOf(entry)), cell(gettext("Modified"), time(entry.modified)), cell("", about)];
    ["cell-check", "cell-name", "", "cell-number", "files-time", "cell-acts"].forEach((look, at) => (cells[at].className = look));
    return cells;
  }

  #columns() {
    const all = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input" });
    all.setAttribute("aria-label", gettext("Choose all that is shown"));
    all.addEventListener("change", () => {
      for (const entry of this.entries) if (all.checked) this.chosen.set(entry.path, entry);
        else this.chosen.delete(entry.path);
      this.rows.redraw();
      this.#tell();
    });
    const sorts = (key, word) => {
      const made = column();
      made.append(button(word, () => this.#sortBy(key), { look: "btn-link sort" }));
      made.dataset.order = key;
      return made;
    };
    const check = column(all);
    check.className = "cell-check";
    const last = column(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: gettext("Details") }));
    const columns = [check, sorts("name", gettext("Name")), column(gettext("Kind")), sorts("size", gettext("Size")), sorts("modified", gettext("Modified")), last];
    columns[3].className = "cell-number";
    columns[1].setAttribute("aria-sort", "ascending");
    return { all, columns };
  }

  #sortBy(key) {
    const [old, way] = this.#order;
    this.#order = [key, key === old ? -way : key === "name" ? 1 : -1];
    for (const each of this.columns) each.removeAttribute("aria-sort");
    this.columns.find(({ dataset }) => dataset.order === key).setAttribute("aria-sort", this.#order[1] > 0 ? "ascending" : "descending");
    this.#sort();
    this.rows.show(this.entries);
  }

  #crumbs() {
    const names = this.path.split("/").filter(Boolean);
    const step = (word, path, here) => {
      const item = document.createElement("li");
      const shown = here ? Object.assign(document.createElement("span"), { textContent: word }) : button(word, () => void this.go(path), { look: "btn-link files-crumb" });
      if (here) shown.setAttribute("aria-current", "page");
      item.append(shown);
      return item;
    };
    this.browser.part("crumbs").replaceChildren(
      step(this.browser.current.source, "", !names.length),
      ...names.map((name, at) => step(printable(name), names.slice(0, at + 1).join("/"), at === names.length - 1)),
    );
  }

  #key(event) {
    if (event.key !== "/" || event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.browser.current || this.browser.querySelector('[data-turn="files"]').hidden) return;
    this.browser.part("search").querySelector("input").focus();
    event.preventDefault();
  }
}
