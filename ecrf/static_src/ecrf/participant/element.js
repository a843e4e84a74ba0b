// <ecrf-participant>: the questionnaire of somebody who answers for himself, on the renderer of all forms. Step by step,
// kept on the server as he goes, looked through, then sent.
import { html, nothing, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { compile } from "../engine/definition.js";
import { clock, display } from "../entry/display.js";
import * as draft from "../entry/draft.js";
import { Entry } from "../entry/element.js";
import { idOf } from "../entry/fields.js";
import { placed, split } from "../entry/rows.js";
import { sections } from "../entry/sections.js";
import { download, review } from "./answers.js";
import { later } from "./later.js";
import { send } from "./server.js";
import { holds, inStep, stepsOf } from "./steps.js";

const PAUSE = 2000;
/** Answers of half a minute are kept together, so that the history has few entries; leaving the page keeps them at once. */
const GATHER = 30_000;
const AGAIN = 10_000;
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

class Participant extends Entry {
  connectedCallback() {
    this.stage = "fill";
    this.at = 0;
    this.tried = new Set();
    this.words = "";
    this.said = JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.started = Boolean(this.said.revision) || !this.said.instructions;
    super.connectedCallback();
    history.replaceState({ at: 0 }, "");
    addEventListener("popstate", (event) => this.show_(event.state?.at ?? 0, false));
    addEventListener("online", () => this.autosave());
    document.addEventListener("visibilitychange", () => this.leaving());
    if (this.dirty) this.autosave();
  }

  get steps_() {
    return stepsOf(this, this.data.byQuestion);
  }

  // What the fields ask of their form

  mayNote() {
    return false;
  }

  findings(key) {
    const asked = this.asked;
    this.asked = new Set(this.compiled.data.pages.map((page) => page.key));
    const found = super.findings(key).filter((finding) => finding.severity !== "missing" || this.tried.has(key));
    this.asked = asked;
    return found;
  }

  /** Beside a question: whether he'd rather not say. */
  aside(spec) {
    const { key } = split(spec.key);
    const item = this.compiled.items.get(key)?.spec;
    if (!this.data.mayDecline || !item || item.calc || item.readonly || item.type === "output" || item.annotate === false || this.data.definition.annotate === false) return nothing;
    const on = this.notes[spec.key]?.status === "nsp";
    return html`<button class="btn btn-sm decline" type="button" aria-pressed=${on ? "true" : "false"} ?disabled=${this.fixed(spec)} @click=${() => this.decline(spec.key, !on)}>${on ? icon("circle-check") : icon("circle")}<span>${gettext("I’d rather not say")}</span><span class="visually-hidden"> ${this.show.text(spec.label)}</span></button>`;
  }

  decline(place, on) {
    this.tried.delete(place);
    this.note(place, { status: on ? "nsp" : "" });
  }

  change(key, value) {
    for (const place of Object.keys(this.notes)) {
      if (this.notes[place].status === "nsp" && place === key && value !== null) this.noted.set(place, null);
    }
    super.change(key, value);
  }

  // Keeping

  keep() {
    super.keep();
    if (this.stage !== "done") this.soon(this.pause);
  }

  /** What the server alone works out from his answers is to be seen soon; else they are gathered. */
  get pause() {
    return this.data.follows ? PAUSE : GATHER;
  }

  /** Keep what is there by then; an earlier moment stands. */
  soon(pause) {
    const due = performance.now() + pause;
    if (this.timer && this.due <= due && !this.data.follows) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.autosave(), pause);
  }

  /** The page goes out of sight, perhaps for good: nothing waits any longer. */
  leaving() {
    if (document.visibilityState === "hidden" && this.dirty) this.autosave(true);
  }

  save() {
    return this.autosave();
  }

  /** What can be kept now: answers that aren't wrong by themselves. */
  sendable() {
    const wrong = new Set(this.state.findings.filter((finding) => finding.severity === "error" && finding.code !== "check_failed").map((finding) => split(placed(finding)).repeat || finding.key));
    return { values: [...this.edits].filter(([key]) => !wrong.has(key)), notes: [...this.noted] };
  }

  body({ values, notes }) {
    return JSON.stringify({ base: this.data.revision, version: this.data.version, values: Object.fromEntries(values), notes: Object.fromEntries(notes), draft: true });
  }

  /** Keep what was answered so far; what is typed meanwhile stays and is kept next. Gives whether all is kept. */
  async autosave(isLeaving = false) {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.saving) {
      await this.saving;
      return this.dirty ? this.autosave(isLeaving) : true;
    }
    const sent = this.sendable();
    if (this.stage === "done" || this.stage === "shut" || (!sent.values.length && !sent.notes.length)) return !this.dirty;
    this.saving = send(this.data.urls.save, this.body(sent), isLeaving);
    this.draw();
    const result = await this.saving;
    this.saving = null;
    if (result.ok) this.kept(result.ok, sent);
    else await this.refused(result);
    this.draw();
    return Boolean(result.ok) && !this.dirty;
  }

  kept(now, sent) {
    this.words = "";
    const definition = same(now.definition, this.data.definition) ? this.data.definition : now.definition;
    Object.assign(this.data, now, { definition });
    for (const [key, value] of sent.values) if (same(this.edits.get(key), value)) this.edits.delete(key);
    for (const [place, note] of sent.notes) if (same(this.noted.get(place), note)) this.noted.delete(place);
    if (definition === now.definition) this.recompile();
    this.opened = performance.now();
    draft.keep(this.data.revision, this.edits, this.noted);
    this.evaluate();
    if (this.dirty) this.soon(this.pause);
  }

  recompile() {
    this.compiled = compile(this.data.definition);
    this.show = display(this.data.definition, this.data.language);
    for (const key of [...this.edits.keys()]) if (!this.compiled.items.has(key) && !this.compiled.groups.has(key)) this.edits.delete(key);
  }

  async refused(result) {
    if (result.shut) {
      this.stage = "shut";
      this.words = result.shut;
      return;
    }
    if (result.faults) {
      this.answered = result.faults.errors ?? [];
      if (!this.answered.length) this.words = result.faults.message ?? "";
      return;
    }
    if (result.changed && (await this.renew())) return;
    this.words = result.failed ?? result.changed?.message ?? "";
    this.soon(AGAIN);
  }

  /** The form or the answers have changed elsewhere: take over what is new, keep what is typed here. */
  async renew() {
    const { ok, shut } = await send(this.data.urls.state);
    if (shut) {
      this.stage = "shut";
      this.words = shut;
      return true;
    }
    if (!ok) return false;
    Object.assign(this.data, ok);
    this.recompile();
    this.evaluate();
    this.words = gettext("Some answers were changed elsewhere. Yours here are kept: look through them before you send.");
    this.soon(PAUSE);
    return true;
  }

  // The way

  show_(at, push = true) {
    const last = this.steps_.length;
    this.stage = at >= last ? "review" : "fill";
    this.at = Math.max(0, Math.min(at, last));
    if (push) history.pushState({ at: this.at }, "");
    this.draw();
    this.querySelector("[data-page-title]")?.focus();
    scrollTo(0, 0);
  }

  go(key, push = true) {
    const at = this.steps_.findIndex((step) => step.page.key === key);
    if (at >= 0) this.show_(at, push);
  }

  next() {
    const step = this.steps_[this.at];
    const lacks = this.lacksOf(step);
    if (lacks.length) {
      this.reveal(lacks);
      return;
    }
    if (this.data.follows || this.steps_[this.at + 1]?.page.key !== step.page.key) this.autosave();
    this.show_(this.at + 1);
  }

  lacksOf(step) {
    return this.state.findings.filter((finding) => ["error", "missing"].includes(finding.severity) && (!step || holds(this, step, placed(finding))));
  }

  /** Show what is wrong, and lead there. */
  reveal(lacks) {
    for (const finding of lacks) {
      this.tried.add(placed(finding));
      this.touched.add(placed(finding));
    }
    this.attempted = true;
    this.lead(placed(lacks[0]));
  }

  lead(place) {
    const at = this.steps_.findIndex((step) => holds(this, step, place));
    if (at >= 0 && (at !== this.at || this.stage !== "fill")) this.show_(at);
    else this.draw();
    const target = document.getElementById(idOf(place)) ?? this.querySelector(`[data-key="${CSS.escape(place)}"]`);
    target?.focus();
    target?.scrollIntoView({ block: "center" });
  }

  async finish() {
    const lacks = this.lacksOf(null).filter((finding) => this.steps_.some((step) => holds(this, step, placed(finding))));
    if (lacks.length) {
      this.reveal(lacks);
      return;
    }
    if (this.saving) await this.saving;
    clearTimeout(this.timer);
    this.busy = true;
    this.draw();
    const result = await send(this.data.urls.send, this.body({ values: [...this.edits], notes: [...this.noted] }));
    this.busy = false;
    if (result.ok) this.done();
    else {
      await this.refused(result);
      if (this.answered.length && this.stage !== "shut") this.lead(this.answered[0].place);
    }
    this.draw();
    this.querySelector("[data-page-title]")?.focus();
  }

  done() {
    for (const [key, value] of this.edits) this.data.values[key] = value;
    this.data.notes = this.notes;
    this.edits.clear();
    this.noted.clear();
    clearTimeout(this.timer);
    draft.forget();
    this.stage = "done";
    this.evaluate();
    if (this.data.isKiosk) location.replace(this.data.urls.back);
  }

  // How it looks

  draw() {
    if (!this.state) return;
    const body = { fill: () => (this.started ? this.filling() : this.opening()), review: () => this.looking(), done: () => this.ending(), shut: () => this.closing() };
    render(html`<div class="entry" lang=${this.data.language}>${this.words && this.stage !== "shut" ? html`<p class="participant-note" role="status" lang=${document.documentElement.lang}>${icon("alert-triangle")}<span>${this.words}</span></p>` : nothing}${body[this.stage]()}</div>`, this);
  }

  opening() {
    const start = () => {
      this.started = true;
      this.show_(0, false);
    };
    return html`<div class="participant-card"><p class="participant-text" dir="auto">${this.data.instructions}</p><button class="btn btn-primary participant-go" type="button" lang=${document.documentElement.lang} @click=${start}>${gettext("Begin")}</button></div>`;
  }

  filling() {
    const steps = this.steps_;
    if (!steps.length) return html`<div class="participant-card"><p>${gettext("There is nothing to answer now.")}</p></div>`;
    this.at = Math.min(this.at, steps.length - 1);
    const step = steps[this.at];
    const title = this.show.text(step.page.title);
    return html`${this.progress(this.at, steps.length + 1)}
      <form class="entry-form" novalidate @submit=${(event) => event.preventDefault()} @keydown=${(event) => this.onKey(event)}>
        <section class="entry-page" aria-labelledby="page-${step.page.key}">
          <h2 id="page-${step.page.key}" tabindex="-1" data-page-title>${title}</h2>
          ${step.page.help ? html`<p class="form-note">${this.show.text(step.page.help)}</p>` : nothing}
          ${sections(this.within(step), step.page)}
        </section>
        ${this.foot(html`${this.at ? html`<button class="btn" type="button" @click=${() => this.show_(this.at - 1)}>${gettext("Back")}</button>` : nothing}<button class="btn btn-primary participant-go" type="button" @click=${() => this.next()}>${this.at === steps.length - 1 ? gettext("Look through my answers") : gettext("Go on")}</button>`)}
      </form>`;
  }

  /** This form, as the renderer of sections sees it: with what belongs to a step. */
  within(step) {
    const form = this;
    return new Proxy(this, {
      get(target, name) {
        if (name === "shownGroups") return (page) => inStep(step, form.shownGroups(page));
        const found = Reflect.get(target, name, target);
        return typeof found === "function" ? found.bind(target) : found;
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  }

  looking() {
    return html`${this.progress(1, 1)}
      <section class="entry-page">
        <h2 tabindex="-1" data-page-title lang=${document.documentElement.lang}>${gettext("Your answers")}</h2>
        <p lang=${document.documentElement.lang}>${gettext("Look through them. They are sent once you press the button below.")}</p>
        ${review(this, (place) => this.lead(place))}
      </section>
      ${this.foot(html`<button class="btn" type="button" @click=${() => this.show_(this.at - 1)}>${gettext("Back")}</button><button class="btn btn-primary participant-go" type="button" ?disabled=${this.busy} @click=${() => this.finish()}>${icon("send")}${gettext("Send my answers")}</button>`)}`;
  }

  ending() {
    return html`<div class="participant-card">
      <h2 tabindex="-1" data-page-title>${gettext("Thank you")}</h2>
      <p class="participant-text" dir="auto">${this.data.thanks || gettext("Your answers are sent.")}</p>
      <p lang=${document.documentElement.lang}>${gettext("You may close this page.")}</p>
      ${this.data.keepCopy
        ? html`<p class="participant-row no-print"><button class="btn" type="button" @click=${() => print()}>${icon("printer")}${gettext("Print my answers")}</button><button class="btn" type="button" @click=${() => download(this)}>${icon("download")}${gettext("Keep my answers")}</button></p>${review(this)}`
        : nothing}
    </div>`;
  }

  closing() {
    return html`<div class="participant-card">
      <h2 tabindex="-1" data-page-title lang=${document.documentElement.lang}>${gettext("Nothing more can be sent")}</h2>
      <p role="alert">${this.words}</p>
      <p lang=${document.documentElement.lang}>${this.dirty ? gettext("What was saved before is kept by the study. What you typed last was not sent: it is below, for you to print or keep, and goes with this tab.") : gettext("What you had answered before is kept by the study.")}</p>
      ${this.dirty ? html`<p class="participant-row no-print"><button class="btn" type="button" @click=${() => print()}>${icon("printer")}${gettext("Print my answers")}</button><button class="btn" type="button" @click=${() => download(this)}>${icon("download")}${gettext("Keep my answers")}</button></p>${review(this)}` : nothing}
    </div>`;
  }

  progress(done, all) {
    const part = Math.round((100 * done) / all);
    return html`<div class="participant-progress" lang=${document.documentElement.lang}>
      <progress max="100" .value=${part} aria-label=${gettext("How far you are")}>${part} %</progress>
      <span>${this.stage === "review" ? gettext("Last step") : interpolate(gettext("Step %(at)s of %(all)s"), { at: done + 1, all }, true)}</span>
    </div>`;
  }

  foot(buttons) {
    return html`<div class="entry-bar" lang=${document.documentElement.lang}>
      <span class="save-state" role="status" data-save-state>${this.saveState()}</span>
      ${buttons} ${later(this)}
    </div>`;
  }

  saveState() {
    if (this.saving || this.busy) return gettext("Saving…");
    if (this.dirty) return gettext("Not saved yet");
    if (!this.data.saved) return gettext("Your answers are saved as you go.");
    return interpolate(gettext("Saved at %s"), [clock(this.data.saved.at, document.documentElement.lang)]);
  }
}

customElements.define("ecrf-participant", Participant);
