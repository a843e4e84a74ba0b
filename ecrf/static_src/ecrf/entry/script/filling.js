// Script pages in a form being filled in: each change runs the scripts again in a worker, and what they say is drawn. What
// the server says at a save counts; where the worker can't be had, the page says so and shows what is saved.
import { evaluate } from "../../engine/evaluate.js";
import { entered, noted, put, types } from "../../goupile/places.js";
import { Scripts } from "../../goupile/run.js";
import { stateOf } from "../../goupile/state.js";
import { compile, pagesOf } from "../../engine/definition.js";
import { display } from "../display.js";
import { Filling } from "../filling.js";
import { placed } from "../rows.js";

export class ScriptedFilling extends Filling {
  /** The script pages of this sheet. */
  scriptPages() {
    return this.compiled.data.pages.filter((page) => page.script !== undefined && this.data.scripts?.pages?.[page.key]);
  }

  evaluate() {
    if (!this.scriptPages().length) {
      super.evaluate();
      return;
    }
    this.script ??= { states: new Map(), failed: new Map(), tabs: new Map(), asked: 0, items: new Map() };
    this.combine();
    this.runScripts();
  }

  /** The state with what the scripts said last; what was typed since stands over it. */
  combine() {
    const edits = Object.fromEntries([...this.edits].filter(([key]) => !key.includes("/")));
    const values = { ...this.data.values, ...edits };
    const states = new Map([...this.script.states].map(([key, state]) => [key, { ...state, values: { ...state.values, ...this.own(key, edits) } }]));
    this.state = evaluate(this.compiled, values, { ...this.data.context, now: this.now() }, this.notes, states);
    for (const [key, state] of states) {
      for (const [place, value] of state.loose) this.state.values[place] = value;
      for (const place of state.visible) this.state.visible.add(place);
      for (const place of state.required) this.state.required.add(place);
      if (!state.enabled) this.state.pages[key] = { ...this.state.pages[key], shown: 0 };
    }
  }

  /** What was typed on a page and its script hasn't seen yet. */
  own(key, edits) {
    return Object.fromEntries(Object.entries(edits).filter(([name]) => (this.compiled.items.get(name)?.page ?? this.compiled.groups.get(name)?.page) === key));
  }

  async runScripts() {
    const turn = ++this.script.asked;
    let changed = false;
    for (const page of this.scriptPages()) {
      const answer = await this.worker().run(this.request(page));
      if (answer === null || turn !== this.script.asked) return;
      changed = true;
      if (answer.ok) {
        this.script.failed.delete(page.key);
        this.script.states.set(page.key, stateOf(page, answer, this.data.language));
        this.learn(page, this.script.states.get(page.key));
      } else {
        this.script.failed.set(page.key, answer.error);
      }
    }
    if (!changed) return;
    this.combine();
    this.page ||= this.pages()[0]?.key ?? "";
    this.draw();
  }

  worker() {
    return (this.script.worker ??= new Scripts(this.data.urls.scripts));
  }

  /** Try again after the worker was ended. */
  retryScripts() {
    this.script.failed.clear();
    this.draw();
    this.runScripts();
  }

  request(page) {
    const { data } = this.compiled;
    const stored = { ...this.data.values, ...Object.fromEntries([...this.edits].filter(([key]) => !key.includes("/"))) };
    const own = this.data.scripts.pages[page.key];
    const values = entered(page, stored, own.extra);
    for (const [key, value] of this.edits) if (key.startsWith(`${page.key}/`)) put(values, key.slice(page.key.length + 1), value);
    const thread = structuredClone(this.data.scripts.thread);
    for (const each of data.pages) {
      const store = each.source?.["goupile.store"] ?? each.source?.["goupile.page"] ?? each.key;
      const now = entered(each, { ...stored, ...this.script.states.get(each.key)?.values, ...Object.fromEntries(this.edits) });
      if (Object.values(now).some((value) => value !== null)) {
        thread.entries[store] ??= { store, data: {} };
        Object.assign(thread.entries[store].data, now);
      }
    }
    return {
      files: this.files(),
      page: page.source?.["goupile.page"] ?? page.key,
      values,
      notes: noted(page, this.notes),
      thread,
      following: {},
      edited: [...this.edits.keys()],
      types: types(page),
      context: {
        now: this.now().padEnd(19, ":00"),
        seed: own.seed,
        language: this.data.language,
        annotate: data.annotate ?? false,
        triggered: this.attempted,
        saved: Boolean(this.data.saved),
        clicked: this.script.clicked ?? null,
        tabs: Object.fromEntries(this.script.tabs),
      },
    };
  }

  files() {
    const { data } = this.compiled;
    const own = data.pages.filter((page) => page.script !== undefined).map((page) => [page.source?.["goupile.filename"] ?? `pages/${page.source?.["goupile.page"] ?? page.key}.js`, page.script]);
    return (this.script.files ??= { ...data.modules, ...Object.fromEntries(own) });
  }

  /** Questions that only the run shows are questions like others. */
  learn(page, state) {
    for (const place of state.visible) if (place.includes("/")) this.script.items.set(place, { spec: { key: place, type: "text", label: {} }, page: page.key, group: null, repeat: "", conditions: [] });
  }

  /** The dictionary grew: what only the run had shown is a question of the form by now. */
  adopt(definition) {
    this.data.definition = definition;
    this.compiled = compile(definition);
    this.show = display(definition, this.data.language);
    if (this.script) Object.assign(this.script, { files: null, states: new Map(), items: new Map() });
  }

  settled(result, complete) {
    if (result.ok?.definition) this.adopt(result.ok.definition);
    super.settled(result, complete);
  }

  takeOver() {
    if (this.merging.now.definition) this.adopt(this.merging.now.definition);
    super.takeOver();
  }

  /** What the server said of a page as a whole is said until something of it changes. */
  change(key, value) {
    this.answered = this.answered.filter((fault) => !this.compiled.data.pages.some((page) => page.key === fault.place));
    super.change(key, value);
  }

  rows(repeat) {
    const scripted = this.script && this.compiled.data.pages.find((page) => page.key === this.compiled.groups.get(repeat)?.page)?.script !== undefined;
    return scripted && !this.edits.has(repeat) ? (this.state?.values[repeat] ?? super.rows(repeat)) : super.rows(repeat);
  }

  /** What a script wants to be filled in at once is said at once. */
  findings(key) {
    const found = super.findings(key);
    if (!this.script) return found;
    const now = this.state.findings.filter((finding) => placed(finding) === key && finding.code === "required" && finding.when === "input" && finding.severity === "missing");
    return [...found, ...now.filter((finding) => finding.params.check && !found.includes(finding))];
  }

  mayNote(spec) {
    return spec.annotate !== false && super.mayNote(spec);
  }

  item(place) {
    return this.script?.items.get(place) ?? super.item(place);
  }

  isStored(key, value) {
    return key.includes("/") ? value === null : super.isStored(key, value);
  }

  /** A script page is shown when its script asks something, or when it can't be run. */
  pages() {
    if (!this.script) return super.pages();
    const open = new Set(super.pages().map((page) => page.key));
    const { event, page: copyOf } = this.data.context;
    const scripted = new Set(this.scriptPages().map((page) => page.key));
    return pagesOf(this.compiled, event, copyOf).filter((page) => (scripted.has(page.key) ? this.isScriptShown(page) : open.has(page.key)));
  }

  isScriptShown(page) {
    const state = this.script.states.get(page.key);
    return !state || (state.enabled && (state.visible.size > 0 || state.widgets.length > 0));
  }

  disconnectedCallback() {
    this.script?.worker?.close();
  }
}
