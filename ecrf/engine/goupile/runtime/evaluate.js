// Run a project's page on entered values, and say what the page is: the evaluated form. Nothing is kept between two runs.

import { codesOf } from "./codes.js";
import { makeDate, makeRandom } from "./clock.js";
import { annotated, errorsOf, tree } from "./described.js";
import { makeForm, makeModel } from "./form.js";
import { makeCrypto } from "./hashes.js";
import { inert } from "./inert.js";
import { Kit } from "./kit.js";
import { html, svg, textOf } from "./markup.js";
import { makeMeta, metaOf } from "./meta.js";
import { isModular, link, resolve } from "./modules.js";
import { LocalDate, LocalTime } from "./moments.js";
import { described, makeApp, makeProject } from "./project.js";
import { plain, revive, reviveAll, variablesOf } from "./stored.js";
import { makeUtil } from "./util.js";
import { wordsOf } from "./words.js";

const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
const FILES = "goupile:files/";
const BASE = "goupile:";
const MOST_RUNS = 8;
const { stringify } = JSON;

/** Every file's code starts so many lines further down, so that a line of a stack says which file it is in. */
const LINES = 20000;
const HEAD = 2;

/** What went wrong in a script, with its place in the project's files. */
class ScriptError extends Error {
  constructor(error, file, order = []) {
    super(String(error?.message ?? error));
    this.isSyntax = error?.name === "SyntaxError";
    this.file = file;
    this.line = error?.loc?.line ?? null;
    if (this.line) return;
    for (const [, text] of String(error?.stack ?? "").matchAll(/:(\d+)(?::\d+)?\)?$/gm)) {
      const line = Number(text);
      if (line < LINES) continue;
      this.file = order[Math.floor(line / LINES) - 1] ?? file;
      this.line = (line % LINES) - HEAD;
      return;
    }
  }
}

/** A request {files, page, values, types, notes, thread, context} -> the evaluated form. Never throws. */
export async function evaluate(request, parse) {
  try {
    return await new Run(request, parse).result();
  } catch (error) {
    const told = error instanceof ScriptError ? error : new ScriptError(error, "");
    const code = error?.code ?? (told.isSyntax ? "syntax" : /stack|recursion/i.test(told.message) ? "stack" : /memory/i.test(told.message) ? "memory" : "exception");
    return { ok: false, error: { code, message: told.message.slice(0, 500), file: told.file ?? "", line: told.line ?? null } };
  }
}

class Run {
  constructor(request, parse) {
    this.request = request;
    this.parse = parse;
    this.files = request.files ?? {};
    this.context = request.context ?? {};
    this.order = [];
    this.notices = new Map();
    this.tell = (code, name = "") => {
      const key = `${code} ${name}`;
      if (this.notices.size < 200 && !this.notices.has(key)) this.notices.set(key, { code, name: String(name).slice(0, 200) });
    };
    this.now = this.context.now ?? "1970-01-01T00:00:00";
    this.prepare();
  }

  /** The world of the scripts: their clock, their chance, and inert things in the place of what they may not do. */
  prepare() {
    globalThis.Date = makeDate(this.now);
    this.reseed();
    globalThis.performance = { now: () => 0 };
    const project = (this.project = makeProject());
    const tell = (name) => this.tell("not_run", name);
    for (const name of ["document", "window", "navigator", "location", "localStorage", "sessionStorage", "fetch", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "requestAnimationFrame", "alert", "confirm", "prompt", "nav", "route", "instance"])
      globalThis[name] = inert(name, tell);
    globalThis.console = inert("console", () => {});
    globalThis.data = project.data;
    String.prototype.format = function (...given) {
      return this.replace(/{(\d+)}/g, (whole, at) => (Number(at) > given.length ? whole : (given[Number(at) - 1] ?? "")));
    };
  }

  reseed() {
    this.random = makeRandom(`${this.context.seed ?? ""}/${this.request.page ?? ""}`);
    Math.random = this.random;
  }

  /** The names that every script finds. */
  base() {
    const { context } = this;
    const tell = (name) => this.tell("not_run", name);
    const profile = { userid: 1, username: "", develop: false, online: true, root: false, permissions: {}, lock: null, single: false, ...context.profile };
    globalThis.ENV = {
      key: context.project ?? "project",
      title: context.title ?? "",
      lang: context.language ?? "en",
      version: context.version ?? 1,
      urls: { base: BASE, instance: BASE, files: FILES, static: `${BASE}static/` },
    };
    return {
      goupile: inert("goupile", tell, {
        isLocked: () => !!profile.lock,
        isLoggedOnline: () => true,
        hasPermission: (name) => !!profile.permissions[name],
        profile,
      }),
      profile,
      render: inert("render", tell),
      html,
      svg,
      Util: makeUtil(() => this.random(), Date.now()),
      Net: inert("Net", tell),
      Log: inert("Log", () => {}),
      UI: inert("UI", tell),
      LocalDate,
      LocalTime,
      crypto: makeCrypto(() => this.random()),
      dates: LocalDate,
      times: LocalTime,
    };
  }

  async result() {
    const main = this.files["main.js"];
    const thread = this.thread({});
    if (main != null) await this.script("main.js", { app: makeApp(this.project, BASE, this.tell) });
    const project = described(this.project, this.thread({}));
    if (this.request.page == null) return { ok: true, project, notices: [...this.notices.values()] };
    return { ok: true, project, ...(await this.page(this.request.page, thread)), notices: [...this.notices.values()] };
  }

  async page(key) {
    let page = this.project.pages.find((one) => one.key === key);
    if (!page) {
      const filename = `pages/${key}.js`;
      if (this.files["main.js"] != null || this.files[filename] == null) throw Object.assign(new Error(`The project has no page '${key}'`), { code: "no_page" });
      page = { key, title: key, store: { key, title: key }, filename, url: BASE + key, options: {}, children: [], chain: [] };
    }
    if (this.files[page.filename] == null) throw Object.assign(new Error(`The project has no file '${page.filename}'`), { code: "no_page" });
    let types = this.request.types ?? {};
    for (let count = 0; ; count++) {
      const made = await this.settled(page, types).catch((error) => ({ error, variables: this.met() }));
      const found = { ...types, ...made.variables };
      if (count < 3 && this.misread(types, found)) types = found;
      else if (made.error) throw made.error;
      else return made;
    }
  }

  /** What is known of the variables that a script has come to before it stopped. */
  met() {
    return variablesOf(this.model?.variables ?? []);
  }

  /** Whether a given value would be another one now that its variable is known. */
  misread(before, after) {
    const looks = (value) => (value === undefined ? "" : `${typeof value} ${value.constructor?.name} ${stringify(plain(value))}`);
    const walk = (values, path) =>
      Object.keys(values ?? {}).some((name) => {
        const id = [...path, /^\d+$/.test(name) ? "*" : name];
        const [one, other] = [before, after].map((types) => revive(values[name], types[id.join(".")]));
        if (other && typeof other === "object" && other.constructor === Object) return looks(one) !== looks(other) || walk(other, id);
        return looks(one) !== looks(other);
      });
    return walk(this.request.values, []);
  }

  /** Run a page until it no longer asks to be run again. */
  async settled(page, types) {
    const { request, context } = this;
    const state = {
      values: reviveAll(request.values, types),
      before: new Map(Object.entries(request.following ?? {})),
      following: new Map(),
      edited: new Set(request.edited ?? []),
      changed: new Set(request.edited ?? []),
      notes: request.notes ?? {},
      triggered: !!(context.triggered || context.saved),
      justTriggered: !!context.triggered,
      saved: !!context.saved,
      locked: !!context.locked,
      annotate: !!(context.annotate ?? this.project.annotate) && page.store != null,
      hasChanged: (request.edited ?? []).length > 0,
      clicked: context.clicked ?? null,
      tabs: context.tabs ?? {},
      filesUrl: FILES,
    };
    for (const id of Object.keys(request.values ?? {})) if (request.values[id] === null) state.values[id] = undefined;
    const words = wordsOf(context.language ?? "en");
    for (let count = 0; ; count++) {
      this.reseed();
      const model = (this.model = makeModel());
      const meta = makeMeta();
      const options = { annotate: state.annotate };
      const form = makeForm(state, model, options, words, this.tell);
      const thread = this.thread(state.values, page);
      const nav = { page, form };
      globalThis.nav = inert("nav", (name) => this.tell("not_run", name), nav);
      const shown = Object.assign(Object.create(form), page);
      await this.script(page.filename, {
        app: makeApp(this.project, BASE, this.tell),
        cache: {},
        form,
        page: shown,
        meta: metaOf(meta, this.project, thread, state.values, this.tell),
        thread,
        values: state.values,
      });
      if (model.restart && count + 1 < MOST_RUNS) {
        for (const [id, spelt] of state.following) state.before.set(id, spelt);
        continue;
      }
      if (model.restart) this.tell("restarts", page.key);
      return this.described(page, state, model, meta, form, words);
    }
  }

  described(page, state, model, meta, form, words) {
    const variables = variablesOf(model.variables);
    for (const widget of model.variables)
      if (widget.props) {
        const codes = codesOf(widget.props.map((choice) => choice.value));
        widget.choices = widget.props.map((choice, i) => ({ code: codes[i], value: choice.value ?? null, label: textOf(choice.label), ...(choice.value == null ? { exclusive: true } : {}) }));
      }
    const notes = annotated(model.variables, state);
    const kit = new Kit(state, model, {}, words, this.tell);
    const values = plain(state.values);
    const known = new Set(model.variables.map((widget) => widget.key.path[0]));
    const given = this.request.values ?? {};
    const unread = plain(reviveAll(given, {}));
    for (const name of Object.keys(given))
      if (!known.has(name) && given[name] != null && [stringify(unread[name]), stringify(given[name])].includes(stringify(values[name]))) values[name] = given[name];
    const loose = Object.keys(values).filter((name) => !known.has(name) && !Object.hasOwn(given, name));
    for (const name of loose) this.tell("no_dictionary", name);
    const record = new Set(model.variables.flatMap((widget) => widget.node.tags));
    if (this.context.draft) record.add("draft");
    return {
      page: { key: page.key, title: page.title, store: page.store?.key ?? null },
      widgets: tree(model.tree, kit),
      actions: tree(model.actions, kit),
      variables,
      values,
      following: Object.fromEntries([...state.following].filter(([id]) => model.variables.some((widget) => widget.key.id === id))),
      errors: errorsOf(model.variables),
      notes,
      tags: [...record].sort(),
      valid: form.isValid(),
      summary: meta.summary == null ? null : textOf(meta.summary),
      hid: meta.hid == null ? null : textOf(meta.hid),
      counters: meta.counters,
      constraints: meta.constraints,
      signup: meta.signup,
    };
  }

  /** What a script knows of the participant's other pages; a page that nobody saved is an empty object in `data`. */
  thread(values, page = null) {
    const given = this.request.thread ?? {};
    const entries = {};
    const data = {};
    for (const key of this.project.stores) {
      const entry = given.entries?.[key];
      const found = reviveAll(entry?.data ?? given.data?.[key] ?? {}, given.types?.[key] ?? {});
      data[key] = page?.store?.key === key ? values : found;
      if (entry) entries[key] = { store: key, summary: null, ctime: null, mtime: null, anchor: null, tags: [], siblings: [], ...entry, data: data[key] };
    }
    if (page?.store && !data[page.store.key]) data[page.store.key] = values;
    return {
      tid: given.tid ?? null,
      saved: !!given.saved,
      locked: !!given.locked,
      sequence: given.sequence ?? null,
      hid: given.hid ?? given.sequence ?? null,
      counters: given.counters ?? {},
      entries,
      data,
    };
  }

  /** Run one file, after those that it imports. */
  async script(path, names) {
    const scope = { ...this.base(), ...names };
    const modules = {};
    const running = new Set();
    const load = async (file) => {
      if (Object.hasOwn(modules, file)) return;
      if (running.has(file)) throw new Error(`'${file}' imports itself`);
      running.add(file);
      modules[file] = await this.execute(file, scope, modules, load);
      running.delete(file);
    };
    await load(path);
  }

  async execute(file, scope, modules, load) {
    const code = this.files[file];
    const exported = {};
    if (file.endsWith(".json")) return { default: JSON.parse(code) };
    if (!this.order.includes(file)) this.order.push(file);
    try {
      let body = code;
      if (isModular(code)) {
        if (!this.parse) throw Object.assign(new Error("This script has to be parsed"), { code: "needs_parser" });
        const linked = link(code, this.parse);
        for (const wanted of linked.wants) await load(resolve(wanted, file, this.files));
        body = linked.code;
      }
      const names = Object.keys(scope);
      const imported = (wanted) => modules[resolve(wanted, file, this.files)];
      const down = "\n".repeat(LINES * (this.order.indexOf(file) + 1));
      const run = new AsyncFunction("__import", "__exports", ...names, down + body);
      await run(imported, exported, ...names.map((name) => scope[name]));
    } catch (error) {
      throw error instanceof ScriptError || error?.code ? error : new ScriptError(error, file, this.order);
    }
    return exported;
  }
}
