// What changed from one backup to another.
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { size } from "../sends/words.js";
import { button, cell, column, Rows } from "./rows.js";
import { count, number, printable, sizeOf, title } from "./words.js";

const MOST_OFFERED = 1000;
const SIGNS = {
  added: () => [icon("plus"), gettext("added")],
  removed: () => [icon("minus"), gettext("removed")],
  content: () => [icon("pencil"), gettext("content changed")],
  metadata: () => [icon("adjustments"), gettext("details changed")],
  kind: () => [icon("replace"), gettext("kind changed")],
};
const LOOKS = { added: "done", removed: "failed", content: "running", metadata: "waiting", kind: "warning" };

export class Comparison {
  #found = null;
  #stopping = null;
  #pair = [];

  constructor(browser) {
    this.browser = browser;
    this.rows = new Rows(browser.part("changes"), browser.part("changes-pager"), browser.part("changes-shown"), {
      columns: [column(gettext("Change")), column(gettext("Path")), column(gettext("Size before")), column(gettext("Size after"))],
      draw: (change) => this.#draw(change),
    });
    for (const each of [2, 3]) this.rows.box.querySelectorAll("th")[each].className = "cell-number";
    browser.part("other").addEventListener("change", ({ target }) => void this.run(target.value));
    browser.part("compare-leave").addEventListener("click", () => this.leave());
    browser.part("compare-stop").addEventListener("click", () => this.#stopping?.abort());
    browser.part("narrow").addEventListener("input", () => this.#filter());
    for (const box of browser.querySelectorAll("[data-what]")) box.addEventListener("change", () => this.#filter());
  }

  /** With the one before it, where there is one; any other of the repository can be chosen. */
  async open() {
    const { browser } = this;
    const first = browser.beside(-1) ?? browser.beside(1);
    const others = browser.snapshots.filter((each) => each !== browser.current);
    const [own, foreign] = [true, false].map((mine) => others.filter(({ source }) => (source === browser.current.source) === mine).slice(-MOST_OFFERED).reverse());
    const option = (each) => new Option(each === browser.beside(-1) ? interpolate(gettext("%s (the one before)"), [title(each)]) : title(each), each.id);
    const group = Object.assign(document.createElement("optgroup"), { label: gettext("Other sources") });
    group.append(...foreign.map(option));
    browser.part("other").replaceChildren(...own.map(option), ...(foreign.length ? [group] : []));
    const chosen = first ?? others.at(-1);
    browser.part("other").value = chosen.id;
    browser.panel.close();
    browser.turn("compare");
    await this.run(chosen.id);
  }

  leave() {
    this.forget();
    this.browser.panel.close();
    this.browser.turn("files");
    this.browser.files.rows.focus();
  }

  async run(id) {
    const { browser } = this;
    this.forget();
    const other = browser.snapshots.find((each) => each.id === id);
    this.#pair = [other, browser.current].sort((one, two) => one.started - two.started);
    const [before, after] = this.#pair;
    const stopping = (this.#stopping = new AbortController());
    browser.calm();
    browser.part("compare-stop").hidden = false;
    const told = (looked, found) => interpolate(gettext("%(looked)s entries compared, %(found)s differ"), { looked: number(looked), found: number(found) }, true);
    browser.say("compared", gettext("Comparing…"));
    try {
      const found = await browser.engine.call("compare", { before: before.id, after: after.id }, {
        signal: stopping.signal,
        progress: ({ looked, found: differ, indexes, of }) =>
          browser.say("compared", indexes ? interpolate(gettext("Reading the index: %(done)s of %(all)s"), { done: indexes, all: of }, true) : told(looked, differ)),
      });
      if (this.#stopping !== stopping) return;
      this.#found = found;
      this.#show(before, after);
    } catch (error) {
      if (this.#stopping !== stopping) return;
      browser.say("compared", error.kind === "stopped" ? gettext("The comparison was stopped.") : "");
      browser.fail(error);
    } finally {
      if (this.#stopping === stopping) browser.part("compare-stop").hidden = true;
    }
  }

  forget() {
    this.#stopping?.abort();
    this.#stopping = null;
    this.#found = null;
    this.browser.part("difference").hidden = true;
    this.browser.part("compare-stop").hidden = true;
    this.browser.say("compared", "");
    this.browser.part("narrow").value = "";
    this.rows.show([]);
  }

  #show(before, after) {
    const { files: ofFiles, directories, others, bytesAdded, bytesRemoved, total, changes, problems } = this.#found;
    const row = (counts) => Object.keys(SIGNS).filter((what) => counts[what]).map((what) => `${number(counts[what])} ${SIGNS[what]()[1]}`).join(", ");
    const facts = [
      [gettext("Compared"), `${title(before)} → ${title(after)}`],
      [gettext("Files"), row(ofFiles) || gettext("no difference")],
      [gettext("Folders"), row(directories)],
      [gettext("Others"), row(others)],
      [gettext("Data"), `+ ${size(bytesAdded)}, − ${size(bytesRemoved)}`],
    ];
    this.browser.part("difference-facts").replaceChildren(
      ...facts.filter(([, value]) => value).flatMap(([word, value]) => [
        Object.assign(document.createElement("dt"), { textContent: word }),
        Object.assign(document.createElement("dd"), { textContent: value }),
      ]),
    );
    const words = [count((n) => ngettext("%s difference", "%s differences", n), total)];
    if (total > changes.length) words.push(interpolate(gettext("the first %s are listed"), [number(changes.length)]));
    if (problems.length) words.push(count((n) => ngettext("%s folder or file couldn’t be compared", "%s folders or files couldn’t be compared", n), problems.length));
    this.browser.say("compared", words.join(" · "));
    this.browser.part("difference").hidden = false;
    this.#filter();
  }

  #filter() {
    if (!this.#found) return;
    const wanted = new Set([...this.browser.querySelectorAll("[data-what]:checked")].map(({ dataset }) => dataset.what));
    if (wanted.has("content")) wanted.add("kind");
    const text = this.browser.part("narrow").value.trim().toLocaleLowerCase();
    const shown = this.#found.changes.filter(({ what, shown: path }) => wanted.has(what) && path.toLocaleLowerCase().includes(text));
    this.rows.show(shown);
    this.browser.part("same").hidden = shown.length > 0;
    this.browser.say("same-title", this.#found.total ? gettext("Nothing of this kind changed") : gettext("Nothing changed between these two backups"));
  }

  #draw(change) {
    const [symbol, word] = SIGNS[change.what]();
    const sign = Object.assign(document.createElement("span"), { className: `state state-${LOOKS[change.what]}` });
    sign.append(symbol, Object.assign(document.createElement("span"), { textContent: word }));
    const folder = (change.after ?? change.before).type === "d" ? "/" : "";
    const open = button(printable(change.path) + folder, () => this.browser.panel.change(change, ...this.#pair), { look: "btn-link files-open" });
    Object.assign(open.dataset, { main: "", stop: "" });
    const cells = [cell("", sign), cell(gettext("Path"), open), cell(gettext("Size before"), sizeOf(change.before)), cell(gettext("Size after"), sizeOf(change.after))];
    ["", "cell-name", "cell-number", "cell-number"].forEach((look, at) => (cells[at].className = look));
    return cells;
  }
}
