// <ecrf-builder>: outline, live form and properties of a draft. Every change can be undone and is saved by itself.
import { html, render } from "lit-html";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { clock } from "../entry/display.js";
import { idFor } from "./controls.js";
import { comments } from "./comments.js";
import { get, kindOf, pathOf, set } from "./data.js";
import { dialog } from "./dialogs.js";
import { Editing } from "./editing.js";
import { History } from "./history.js";
import { languages } from "./languages.js";
import { outline, parse } from "./outline.js";
import { paneTabs, panelTabs, problemList, textPane, viewTabs } from "./panes.js";
import { properties } from "./properties.js";
import { ask, Saver } from "./saving.js";
import { visits } from "./visits.js";
import "./preview.js";

const key = (path) => path.join(".");

class Builder extends Editing {
  connectedCallback() {
    const data = JSON.parse(document.getElementById(this.dataset.source).textContent);
    const published = data.published ?? { items: {}, pages: [], events: [] };
    Object.assign(this, {
      urls: data.urls, reader: data.language, now: data.now, comments: data.comments, problems: data.problems,
      published: new Set(Object.keys(published.items)), codes: published.items, publishedPages: new Set(published.pages), publishedEvents: new Set(published.events),
      selection: [], open: new Set(), search: "", pane: "form", panel: "properties", view: "form", rules: new Map(), texts: new Map(), offers: null,
      dialog: null, library: null, onlyMissing: false, textsShown: 200, textProblems: [], spelled: "native", step: "saved", savedBy: data.saved, name: data.title,
    });
    this.history = new History(data.definition, (mine = true) => this.changed(mine));
    this.language = this.data.languages.includes(data.language) ? data.language : this.data.languages[0];
    if (this.data.pages[0]) this.open.add(this.data.pages[0].key);
    this.saver = new Saver(this.urls.save_build, data.revision, {
      state: () => ({ definition: this.data, title: this.name }),
      told: (what) => this.told(what),
      stale: (said) => this.openDialog({ kind: "stale", ...said }),
    });
    this.restore();
    this.replaceChildren();
    this.draw();
    this.toolbar();
    this.fromAddress();
    addEventListener("hashchange", () => this.fromAddress());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  get data() {
    return this.history.data;
  }

  /** What a reload or a closed tab had not saved. */
  restore() {
    const left = this.saver.left();
    if (!left) return;
    const server = { definition: this.data, revision: this.saver.base };
    this.saver.base = left.base;
    this.name = left.title ?? this.name;
    this.history.change(gettext("What this tab had kept"), left.definition);
    if (left.base === server.revision) toast(gettext("What you had built here and wasn’t saved yet is back."), "info");
  }

  change(label, data, thread = "") {
    if (thread !== "text") this.textProblems = [];
    this.history.change(label, data, thread);
  }

  changed(mine) {
    this.settleSelection();
    if (!this.data.languages.includes(this.language)) this.language = this.data.languages[0];
    if (mine && this.saver) this.saver.touch();
    this.draw();
  }

  told({ step, problems, saved, message }) {
    this.step = step;
    if (problems) this.problems = problems;
    if (saved) this.savedBy = saved;
    if (message) toast(message, "error");
    this.draw();
  }

  saveState() {
    const words = {
      saving: () => gettext("Saving…"),
      changed: () => gettext("Not saved yet, kept in this tab"),
      away: () => gettext("The server can’t be reached: kept in this tab, tried again by itself"),
      refused: () => gettext("Not saved"),
      saved: () => interpolate(gettext("Saved by %(who)s, %(time)s"), { who: this.savedBy.by, time: clock(this.savedBy.at, this.reader) }, true),
    };
    return words[this.step]();
  }

  // Selection

  /** Paths that no longer lead anywhere go; the nearest part above takes their place. */
  settleSelection() {
    this.selection = this.selection.map((path) => {
      let found = path;
      while (found.length && !get(this.data, found)) found = found.slice(0, -2);
      return found;
    }).filter((path) => path.length);
  }

  select(path, options = {}) {
    this.selectAll([path], path, options.focus);
  }

  selectMore(path) {
    const held = this.selection.filter((one) => kindOf(one) === kindOf(path) && key(one) !== key(path));
    const had = this.selection.some((one) => key(one) === key(path));
    this.selectAll(had ? held : [...held, path], path);
  }

  selectAll(paths, last, focus = false) {
    if (key(paths.at(-1) ?? []) !== key(this.selection.at(-1) ?? [])) {
      this.texts.clear();
      this.rules.clear();
      this.offers = null;
    }
    this.selection = paths;
    const page = last?.length && this.data.pages[last[1]];
    if (page) this.open.add(page.key);
    this.draw();
    const row = last?.length && this.querySelector(`.tree-row[data-path="${key(last)}"]`);
    if (row) {
      if (focus) row.focus();
      row.scrollIntoView({ block: "nearest" });
    }
    this.querySelector(`.live [data-part="${key(last ?? [])}"]`)?.scrollIntoView({ block: "nearest" });
  }

  selectPlace(place) {
    this.select(parse(place));
  }

  isSelected(place) {
    return this.selection.some((path) => key(path) === place);
  }

  placeOf(name) {
    const path = pathOf(this.data, name);
    return path && key(path);
  }

  goToKey(name) {
    const page = this.data.pages.findIndex((one) => one.key === name);
    const path = pathOf(this.data, name) ?? (page >= 0 ? ["pages", page] : null);
    if (path) this.select(path);
  }

  /** Go to a place of the definition, such as that of a problem: the part that it is in. */
  goTo(place) {
    if (this.view === "text") return this.querySelector("ecrf-text").goToPlace(place);
    const path = parse(place);
    if (path[0] === "events" || path[0] === "arms" || path[0] === "lists") return this.look({ view: "visits" });
    if (path[0] !== "pages") return this.selectAll([], []);
    const found = path.slice(0, path[2] === "groups" ? (path[4] === "items" && path.length > 5 ? 6 : path.length > 3 ? 4 : 2) : 2);
    this.look({ view: "form", panel: "properties", pane: this.pane === "form" ? "form" : "panel" });
    return this.select(found);
  }

  fromAddress() {
    const place = decodeURIComponent(location.hash.slice(1));
    if (place) this.goTo(place);
  }

  pageNumber() {
    const path = this.selection.at(-1);
    return path ? path[1] : Math.min(this.lastPage ?? 0, Math.max(0, this.data.pages.length - 1));
  }

  fold(name) {
    if (!this.open.delete(name)) this.open.add(name);
    this.draw();
  }

  /** The label of what is selected, ready to be written over. */
  editLabel() {
    this.look({ panel: "properties", pane: "panel" });
    const path = this.selection.at(-1);
    if (!path) return;
    const part = kindOf(path) === "item" ? "label" : "title";
    const input = document.getElementById(idFor(`${path} ${part} ${this.data.languages[0]}`));
    input?.focus();
    input?.select();
  }

  focusLater(id) {
    document.getElementById(id)?.focus();
  }

  // Words

  text(texts) {
    if (!texts) return "";
    return [this.language, ...this.data.languages].map((name) => texts[name]).find(Boolean) ?? "";
  }

  /** A path in words, for people who don't read paths. */
  nameOf(path) {
    const parts = { label: gettext("label"), help: gettext("help"), title: gettext("title"), message: gettext("message") };
    const last = parts[path.at(-1)] ?? path.at(-1);
    if (path[0] === "pages" && path.length > 3) {
      const item = path[4] === "items" ? get(this.data, path.slice(0, 6)) : null;
      const group = get(this.data, path.slice(0, 4));
      const code = path[6] === "choices" ? ` · ${get(this.data, path.slice(0, 8)).code}` : "";
      return `${item ? item.key : this.text(group.title) || gettext("Section")}${code} · ${last}`;
    }
    const part = path.length > 1 ? get(this.data, path.slice(0, 2)) : null;
    return `${part?.key ?? gettext("Form")} · ${last}`;
  }

  marksAt(path) {
    const place = key(path);
    const part = get(this.data, path);
    return {
      problems: this.problems.some((one) => one.place === place || (kindOf(path) === "item" && one.place.startsWith(`${place}.`)) || (kindOf(path) === "page" && !this.open.has(part.key) && one.place.startsWith(`${place}.`))),
      comments: kindOf(path) !== "group" && this.comments.some((one) => one.item === part.key && !one.thread && !one.resolved),
    };
  }

  publishedCodes(name) {
    return new Set(this.codes[name] ?? []);
  }

  announce(text) {
    const region = this.querySelector("[data-say]");
    region.textContent = "";
    region.textContent = text;
  }

  look(state) {
    const turned = state.view && state.view !== this.view;
    Object.assign(this, state);
    this.draw();
    if (turned) this.querySelector(".view").scrollTop = 0;
  }

  textFaults(found) {
    this.textProblems = found;
    this.draw();
  }

  textSpelled(spelling) {
    if (this.spelled === spelling) return;
    this.spelled = spelling;
    this.draw();
  }

  leaveText() {
    this.querySelector(".view-tabs button")?.focus();
    return true;
  }

  // Dialogs

  openDialog(asked) {
    this.dialog = asked;
    this.draw();
    const box = this.querySelector("dialog");
    if (!box.open) box.showModal();
  }

  closeDialog() {
    if (!this.dialog) return;
    this.dialog = null;
    const box = this.querySelector("dialog");
    if (box.open) box.close();
    this.draw();
  }

  async openInsert() {
    this.openDialog({ kind: "insert" });
    if (this.library) return;
    const answer = await ask(this.urls.library).catch(() => null);
    this.library = answer?.ok ? answer.said : { instruments: [], forms: [] };
    this.draw();
  }

  async openStates() {
    this.openDialog({ kind: "states" });
    const answer = await ask(this.urls.draft_states).catch(() => null);
    if (this.dialog?.kind === "states") this.openDialog({ kind: "states", found: answer?.ok ? answer.said.states : [] });
  }

  async goBack(revision) {
    if (!(await this.saver.flush())) return;
    const answer = await ask(this.urls.restore_draft, { base: this.saver.base, revision }).catch(() => null);
    this.closeDialog();
    if (!answer?.ok) {
      toast(answer?.said.message ?? gettext("The server can’t be reached: nothing was changed."), "error");
      return;
    }
    this.saver.settle(answer.said.revision, false);
    this.told({ step: "saved", ...answer.said });
    this.history.replace(answer.said.definition);
    toast(gettext("The earlier state is back. The one you left is in the list."), "success");
  }

  settleStale(mine) {
    const { now } = this.dialog;
    this.dialog = null;
    this.querySelector("dialog").close();
    this.problems = now.problems;
    this.savedBy = now.saved;
    this.saver.settle(now.revision, mine);
    if (mine) return this.draw();
    this.step = "saved";
    return this.history.replace(now.definition);
  }

  // Keys and the bar above

  onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, ecrf-text, [contenteditable]");
    const command = event.ctrlKey || event.metaKey;
    const pressed = event.key.toLowerCase();
    if (this.dialog || event.defaultPrevented) return;
    if (command && pressed === "s") this.saver.save();
    else if (command && pressed === "z" && !event.target.closest?.("ecrf-text")) this.step_(event.shiftKey ? "redo" : "undo");
    else if (command && pressed === "y" && !event.target.closest?.("ecrf-text")) this.step_("redo");
    else if (!typing && event.key === "/") this.querySelector("#outline-search").focus();
    else if (!typing && event.key === "?") this.openDialog({ kind: "keys" });
    else return;
    event.preventDefault();
  }

  step_(way) {
    this.texts.clear();
    this.rules.clear();
    const label = this.history[way]();
    if (!label) return;
    this.draw();
    this.announce(interpolate(way === "undo" ? gettext("Undone: %s") : gettext("Done again: %s"), [label]));
  }

  toolbar() {
    const on = (id, act) => document.getElementById(id)?.addEventListener("click", act);
    on("undo", () => this.step_("undo"));
    on("redo", () => this.step_("redo"));
    on("history", () => this.openStates());
    on("keys", () => this.openDialog({ kind: "keys" }));
    on("finish", async (event) => {
      event.preventDefault();
      const address = event.currentTarget.href;
      if (await this.saver.flush()) location.assign(address);
    });
    document.getElementById("draft-title")?.addEventListener("input", ({ target }) => {
      this.name = target.value;
      this.change(gettext("Title of the form"), set(this.data, ["title", this.data.languages[0]], target.value), "title");
    });
  }

  drawBar() {
    document.getElementById("undo").disabled = !this.history.past.length;
    document.getElementById("redo").disabled = !this.history.future.length;
    document.querySelector("[data-save-state]").textContent = this.saveState();
  }

  // Drawing

  draw() {
    if (!this.saver) return;
    this.lastPage = this.pageNumber();
    render(
      html`<div class="builder" data-pane=${this.pane} data-view=${this.view}>
        ${paneTabs(this)}
        <div class="builder-outline">${outline(this)}</div>
        <div class="builder-main">${viewTabs(this)}<div class="view view-${this.view}">${this.drawView()}</div></div>
        <aside class="builder-panel" aria-label=${gettext("Properties")}>${panelTabs(this)}<div class="panel-inner">${this.drawPanel()}</div></aside>
        <div class="visually-hidden" role="status" data-say></div>
        ${dialog(this)}
      </div>`,
      this,
    );
    this.querySelector("ecrf-preview")?.load(this);
    this.querySelector("ecrf-text")?.load?.(this);
    this.drawBar();
  }

  drawView() {
    if (this.view === "visits") return visits(this);
    if (this.view === "languages") return languages(this);
    if (this.view !== "text") return html`<ecrf-preview></ecrf-preview>`;
    if (!customElements.get("ecrf-text")) import("./text.js").then(() => this.draw());
    return textPane(this);
  }

  drawPanel() {
    if (this.panel === "comments") return comments(this);
    return this.panel === "problems" ? problemList(this) : properties(this);
  }
}

customElements.define("ecrf-builder", Builder);
