// Queries at the fields of a record: a sign at each, and a panel beside the form with their threads and what may be done.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { call } from "./review.js";
import * as server from "./server.js";

const LOOKS = { open: "warning", answered: "running", resolved: "running", closed: "done", cancelled: "waiting" };
const ICONS = { warning: "alert-triangle", running: "progress", done: "circle-check", waiting: "ban" };
const ACTS = {
  answer: () => gettext("Answer"),
  resolve: () => gettext("Mark as resolved"),
  close: () => gettext("Close the query"),
  reopen: () => gettext("Open again"),
  cancel: () => gettext("Cancel the query"),
  comment: () => gettext("Comment"),
};

export class Queries {
  constructor(form) {
    this.form = form;
    this.list = [];
    this.mayOpen = false;
    this.shown = null;
    this.texts = new Map();
    this.fault = "";
    this.busy = false;
    this.wanted = new URLSearchParams(location.search).get("query");
  }

  async load() {
    const record = this.form.data.record;
    if (!record) return;
    const { ok } = await call(record.queries);
    if (!ok) return;
    this.take(ok);
    const asked = this.list.find((query) => query.id === this.wanted);
    this.wanted = null;
    this.form.draw();
    if (asked) this.open(asked.item);
  }

  take({ queries, may_open: mayOpen }) {
    this.list = queries;
    this.mayOpen = mayOpen;
  }

  at(key) {
    return this.list.filter((query) => query.item === key);
  }

  open(key) {
    this.shown = key;
    this.fault = "";
    this.form.draw();
    const panel = this.form.querySelector(".query-panel");
    panel?.querySelector("h2").focus();
    this.form.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  close() {
    const key = this.shown;
    this.shown = null;
    this.form.draw();
    this.form.querySelector(`[data-key="${CSS.escape(key ?? "")}"] .query-sign`)?.focus();
  }

  text(name) {
    return this.texts.get(name) ?? "";
  }

  async ask(key) {
    await this.send(this.form.data.record.open, { item: key, text: this.text("new") }, "new", gettext("The query is open."));
  }

  async act(query, act) {
    const sent = { act, text: this.text(query.id), expected: query.state };
    const corrects = act === "answer" && this.form.edits.has(query.item);
    if (corrects) Object.assign(sent, { values: { [query.item]: this.form.edits.get(query.item) }, base: this.form.data.revision });
    const done = await this.send(query.act_url, sent, query.id, gettext("Done. It is in the thread."));
    if (done && corrects) await this.corrected(query.item);
  }

  /** The correction was saved with the answer: what else is typed stays, on the new revision. */
  async corrected(key) {
    const { now } = await server.state(this.form.data.urls.state, this.form.data.revision);
    if (!now) return;
    this.form.edits.delete(key);
    Object.assign(this.form.data, now);
    this.form.keepDraft();
    this.form.evaluate();
    this.form.verifying.load();
    this.form.draw();
  }

  async send(address, sent, name, words) {
    if (this.busy) return false;
    this.busy = true;
    this.form.draw();
    const { ok, fault } = await call(address, sent);
    this.busy = false;
    this.fault = fault ?? "";
    if (ok) {
      this.take(ok);
      this.texts.delete(name);
      toast(words, "success");
    }
    this.form.draw();
    if (fault) this.form.querySelector(".query-panel [data-faults]")?.focus();
    return Boolean(ok);
  }
}

/** The sign at a field: how many queries wait there, or the way to open the first. */
export function querySigns(form, spec) {
  const { queries } = form;
  const own = queries.at(spec.key);
  const active = own.filter((query) => query.active);
  if (!own.length && !queries.mayOpen) return nothing;
  const label = form.show.text(spec.label) || spec.key;
  const words = active.length
    ? interpolate(ngettext("One query", "%s queries", active.length), [active.length])
    : own.length
      ? gettext("Closed queries")
      : gettext("Open a query");
  const waits = active.some((query) => query.state === "open");
  const css = active.length ? (waits ? "is-open" : "is-answered") : "is-quiet";
  return html`<button
    class="query-sign ${css}"
    type="button"
    title=${words}
    aria-expanded=${queries.shown === spec.key ? "true" : "false"}
    @click=${() => (queries.shown === spec.key ? queries.close() : queries.open(spec.key))}
  >
    ${icon(own.length ? "message-question" : "message-plus")}${active.length ? html`<span aria-hidden="true">${active.length}</span>` : nothing}<span class="visually-hidden">${words}, ${label}</span>
  </button>`;
}

export function queryPanel(form) {
  const { queries } = form;
  const key = queries?.shown;
  if (!key) return nothing;
  const item = form.compiled.items.get(key);
  const label = item ? form.show.text(item.spec.label) || key : key;
  const own = queries.at(key);
  return html`<aside
    class="query-panel"
    aria-labelledby="query-panel-title"
    @keydown=${(event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      queries.close();
    }}
  >
    <div class="query-panel-head">
      <h2 id="query-panel-title" tabindex="-1">${gettext("Queries")} <span class="text-soft">${label}</span></h2>
      <button class="btn-icon" type="button" aria-label=${gettext("Close the panel")} @click=${() => queries.close()}>${icon("x")}</button>
    </div>
    ${queries.fault ? html`<div class="faults" role="alert" tabindex="-1" data-faults>${icon("alert-circle")}<p class="faults-title">${queries.fault}</p></div>` : nothing}
    ${own.map((query) => thread(form, query))}
    ${queries.mayOpen ? opening(form, key, own.length > 0) : nothing}
  </aside>`;
}

function thread(form, query) {
  const { queries } = form;
  const look = LOOKS[query.state];
  return html`<section class="query-thread" aria-label=${query.word}>
    <p class="query-facts">
      <span class="state state-${look}">${icon(ICONS[look])}<span>${query.word}</span></span>
      ${query.late ? html`<span class="text-failed">${gettext("late")}</span>` : nothing}
      ${query.waits ? html`<span class="text-soft">${gettext("waits for")} ${query.waits}</span>` : nothing}
    </p>
    <ol class="thread">
      ${query.messages.map(
        (message) => html`<li>
          <p class="thread-who"><strong>${message.who}</strong> ${message.action}${message.corrected ? html` <span class="badge">${gettext("with a correction")}</span>` : nothing} <time>${message.at}</time></p>
          ${message.text ? html`<p class="thread-text">${message.text}</p>` : nothing}
        </li>`,
      )}
    </ol>
    ${query.acts.length ? acting(form, queries, query) : nothing}
  </section>`;
}

function acting(form, queries, query) {
  const corrects = query.acts.includes("answer") && form.edits.has(query.item);
  const usual = (query.state === "open" ? ["answer", "close"] : ["close", "reopen", "answer"]).find((act) => query.acts.includes(act));
  const main = usual ?? query.acts[0];
  const others = query.acts.filter((act) => act !== main);
  const words = (act) => (act === "answer" && corrects ? gettext("Save the correction and answer") : ACTS[act]());
  return html`<div class="query-acts">
    <label class="form-label" for="query-${query.id}">${gettext("Your words")}</label>
    <textarea class="form-control" id="query-${query.id}" rows="2" maxlength="4000" .value=${live(queries.text(query.id))} @input=${(event) => queries.texts.set(query.id, event.target.value)}></textarea>
    ${corrects ? html`<p class="field-help">${gettext("What you changed in the field is saved with the answer.")}</p>` : nothing}
    <div class="query-buttons">
      <button class="btn btn-sm btn-primary" type="button" ?disabled=${queries.busy} @click=${() => queries.act(query, main)}>${words(main)}</button>
      ${others.map((act) => html`<button class="btn btn-sm" type="button" ?disabled=${queries.busy} @click=${() => queries.act(query, act)}>${words(act)}</button>`)}
    </div>
    <a class="query-link" href=${query.url}>${gettext("Page of the query")}</a>
  </div>`;
}

function opening(form, key, more) {
  const { queries } = form;
  return html`<section class="query-thread">
    <label class="form-label" for="query-new">${more ? gettext("Another question") : gettext("What you ask the site")}</label>
    <textarea class="form-control" id="query-new" rows="3" maxlength="4000" .value=${live(queries.text("new"))} @input=${(event) => queries.texts.set("new", event.target.value)}></textarea>
    <div class="query-buttons"><button class="btn btn-sm${more ? "" : " btn-primary"}" type="button" ?disabled=${queries.busy} @click=${() => queries.ask(key)}>${gettext("Open the query")}</button></div>
  </section>`;
}
