// <analysis-workbench>: holds the question, asks it as it changes, keeps it, and shows the answer.
import { html, nothing, render } from "lit-html";
import { icon } from "../../../core/web/static_src/web/icon.js";
import { toast } from "../../../core/web/static_src/web/toast.js";
import { json } from "./api.js";
import { columnsPanel } from "./columns.js";
import { Drawing } from "./drawing.js";
import { Facts } from "./facts.js";
import { History } from "./history.js";
import { outcome } from "./outcome.js";
import { changedFilter, named, newCondition, newKey, newMeasure, sent, shownPlace } from "./question.js";
import { Keeper } from "./saving.js";
import { shelves } from "./shelves.js";
import { MEASURES } from "./words.js";

const ASK_AFTER = 250;

class AnalysisWorkbench extends HTMLElement {
  connectedCallback() {
    this.state = JSON.parse(document.getElementById("workbench-state").textContent);
    Object.assign(this, { words: "", tab: "chart", language: "python", shownRows: 200, answer: null, problem: null, running: false });
    this.wide = matchMedia("(min-width: 900px)").matches;
    this.use = this.use.bind(this);
    this.known = new Facts(this.state, () => this.draw());
    this.drawing = new Drawing(this);
    this.drawn = new AbortController();
    if (this.state.query) {
      this.history = new History({ name: this.state.name, query: this.state.query, chart: this.state.chart });
      this.keeper = this.state.mayEdit ? new Keeper(this) : null;
      this.bindBar();
    }
    this.draw();
    this.ask();
  }

  disconnectedCallback() {
    this.drawn.abort();
    this.drawing.end();
  }

  get now() {
    return this.history?.now;
  }

  get query() {
    return this.now?.query ?? { by: [], measures: [], order: [], where: { match: "all", items: [] } };
  }

  get name() {
    return this.now?.name ?? this.state.name;
  }

  /** The page's own bar: name, undo, redo; and the keys that do the same. */
  bindBar() {
    const { signal } = this.drawn;
    const field = document.getElementById("analysis-name");
    field?.addEventListener("input", () => this.rename(field.value), { signal });
    for (const [id, step] of [["undo", "undo"], ["redo", "redo"]])
      document.getElementById(id)?.addEventListener("click", () => this.travel(step), { signal });
    document.addEventListener(
      "keydown",
      (event) => {
        if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
        const key = event.key.toLowerCase();
        if (key === "s") {
          event.preventDefault();
          this.keeper?.flush();
        } else if ((key === "z" || key === "y") && !event.target.matches("input:not([type=checkbox]), textarea")) {
          event.preventDefault();
          this.travel(key === "y" || event.shiftKey ? "redo" : "undo");
        }
      },
      { signal },
    );
  }

  travel(step) {
    if (!this.history[step]()) return;
    const field = document.getElementById("analysis-name");
    if (field) field.value = this.now.name;
    this.changed();
  }

  // Changing the question

  change(parts, kind = "") {
    const { query, renamed } = named({ ...this.query, ...parts });
    const { measure } = this.now.chart;
    const chart = { ...this.now.chart, measure: renamed.get(measure) ?? (parts.measures ? "" : measure) };
    this.history.push({ ...this.now, query, chart }, kind);
    this.changed();
  }

  filter(path, change, kind = "") {
    this.change({ where: changedFilter(this.query.where, path, change) }, kind);
  }

  addCondition(column, path = []) {
    this.learn(column);
    this.filter(path, (group) => ({ ...group, items: [...group.items, newCondition(column)] }));
  }

  /** Put a column to use on a shelf. */
  async use(act, column) {
    if (!this.history) return;
    if (act === "filter") this.addCondition(column);
    else if (act === "measure") this.change({ measures: [...this.query.measures, newMeasure(column)] });
    else if (this.query.by.length < 4) {
      const facts = await this.known.of(column);
      this.change({ by: [...this.query.by, newKey(column, facts)] });
    }
    const words = { filter: gettext("%s is a condition now."), measure: gettext("%s is measured now."), group: gettext("The rows are grouped by %s now.") };
    this.say(interpolate(words[act], [column.title]));
  }

  /** Ask one version for good, or the newest; its columns may be others, so the page begins again once that is kept. */
  async hold(version) {
    this.change({ source: { ...this.query.source, version } });
    clearTimeout(this.waiting);
    await this.ask();
    await this.keeper?.flush();
    if (this.keeper && !this.keeper.pending) location.reload();
  }

  rename(name) {
    this.history.push({ ...this.now, name }, "name");
    this.keeper?.later();
    this.drawBar();
  }

  drawAs(chart) {
    this.history.push({ ...this.now, chart: { ...this.now.chart, ...chart } });
    this.changed(0);
  }

  changed(after = ASK_AFTER) {
    this.keeper?.later();
    this.draw();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), after);
  }

  // Asking

  async ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.running = true;
    this.draw();
    try {
      const { urls, project } = this.state;
      const body = this.history ? { project, query: sent(this.query), chart: this.now.chart } : {};
      this.answer = await json("POST", this.history ? urls.query : urls.run, body, { signal: asking.signal });
      this.problem = null;
      this.shownRows = 200;
      this.say(interpolate(ngettext("%s row of result.", "%s rows of result.", this.answer.rows.length), [this.answer.rows.length]));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.problem = error;
    }
    if (this.asking === asking) this.running = false;
    this.keeper?.later();
    this.draw();
  }

  // What the pieces of the page ask for

  column(name) {
    return this.state.columns.find((column) => column.name === name);
  }

  facts(column) {
    return this.known.now(column);
  }

  learn(column) {
    this.known.of(column);
  }

  titleOf(measure) {
    const column = measure.column ? ` – ${this.column(measure.column)?.title ?? measure.column}` : "";
    return MEASURES[measure.of]() + column;
  }

  search(words) {
    this.words = words;
    this.draw();
  }

  show(tab) {
    this.tab = tab;
    this.draw();
  }

  speak(language) {
    this.language = language;
    this.draw();
  }

  showMore() {
    this.shownRows += 200;
    this.draw();
  }

  async copy(text) {
    await navigator.clipboard.writeText(text);
    toast(gettext("The code is copied."), "success");
  }

  async download(kind) {
    const { save } = await import("./downloads.js");
    try {
      await this.keeper?.flush();
      await save(kind, this);
    } catch (error) {
      toast(error.message, "error");
    }
  }

  /** A list to add a column from; it goes back to its first words once one is taken. */
  adder(id, label, columns, add) {
    const choose = (event) => {
      const column = this.column(event.target.value);
      event.target.value = "";
      if (column) add(column);
    };
    return html`
      <select class="form-select chip-adder" id=${`add-${id}`} aria-label=${label} @change=${choose}>
        <option value="">${label}…</option>
        ${columns.filter((column) => column.usable).map((column) => html`<option value=${column.name}>${column.title}</option>`)}
      </select>
    `;
  }

  // Faults at their place

  faultsAt(place) {
    return (this.problem?.faults ?? []).filter((fault) => {
      const at = shownPlace(this.query, fault.place.replace(/^query\./, ""));
      return at === place || at.startsWith(`${place}.`);
    });
  }

  faultNote(place) {
    const faults = this.faultsAt(place);
    return faults.length ? html`<span class="field-error chip-fault">${icon("alert-circle")}${faults.map((fault) => fault.message).join(" ")}</span>` : nothing;
  }

  problemNote() {
    if (!this.problem) return nothing;
    const faults = this.problem.faults;
    return html`
      <div class="notice notice-failed" role="alert">
        ${icon("alert-triangle")}
        <div><p class="notice-title">${this.problem.message}</p>${faults.map((fault) => html`<p>${fault.message}</p>`)}</div>
      </div>
    `;
  }

  say(text) {
    this.querySelector("[data-said]").textContent = text;
  }

  // Showing

  drawBar() {
    const undo = document.getElementById("undo");
    if (undo) undo.disabled = !this.history?.past.length;
    const redo = document.getElementById("redo");
    if (redo) redo.disabled = !this.history?.future.length;
  }

  draw() {
    if (this.drawn.signal.aborted) return;
    const content = this.history
      ? html`${columnsPanel(this)}<div class="bench">${shelves(this)}${outcome(this)}</div>`
      : html`<div class="bench">${outcome(this)}</div>`;
    render(html`${content}<p class="visually-hidden" role="status" data-said></p>`, this);
    this.drawBar();
    this.drawing.follow();
  }
}

customElements.define("analysis-workbench", AnalysisWorkbench);
