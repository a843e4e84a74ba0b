// The `app` of main.js: pages, their menu, their options.

import { textOf } from "./markup.js";

const KEY = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const MOST_PAGES = 1000;

export function makeProject() {
  return { annotate: false, pages: [], stores: [], menu: [], settings: {}, data: {} };
}

export function makeApp(project, base, tell) {
  let parent = { key: null, children: project.menu, chain: [], store: null };
  let stack = [{}];

  const checked = (key) => {
    if (typeof key !== "string" || !KEY.test(key)) throw new Error(`'${String(key)}' is no key: letters, _ and digits, not first`);
    if (key.startsWith("__")) throw new Error("Keys must not start with '__'");
    if (project.pages.length >= MOST_PAGES) throw new Error(`A project has at most ${MOST_PAGES} pages`);
    return key;
  };
  const expand = (options) => ({ ...stack.at(-1), ...options });

  function page(key, title, options, store) {
    const expanded = expand(options);
    if (expanded.claim === false) {
      tell("old_option", "claim");
      expanded.forget = true;
    }
    const made = {
      key,
      title: textOf(title) || key,
      store: store && { key: store, title: textOf(title) || key },
      filename: expanded.filename ?? `pages/${key}.js`,
      url: `${base}${key}`,
      options: expanded,
      children: [],
      chain: null,
    };
    made.menu = textOf(expanded.menu) || made.title;
    made.chain = [...parent.chain, made];
    project.pages.push(made);
    parent.children.push(made);
    return made;
  }

  const known = {
    form(key, label, inner = null, given = null) {
      let [title, func, options] = [label, inner, given];
      if (typeof title === "function") [title, func, options] = [key, label, inner];
      if (options == null && func && typeof func === "object") [func, options] = [null, func];
      checked(key);
      if (project.stores.includes(key)) throw new Error(`Store key '${key}' is already used`);
      project.stores.push(key);
      if (typeof func !== "function") return page(key, func || title, options, key);
      const kept = [parent, stack];
      const group = { key, title: textOf(title) || key, children: [], chain: null, store: { key }, url: `${base}${key}`, options: expand(options) };
      group.chain = [...parent.chain, group];
      parent.children.push(group);
      parent = group;
      stack = [group.options];
      try {
        func(app);
      } finally {
        [parent, stack] = kept;
      }
      return group;
    },
    page(key, title, options = null) {
      checked(key);
      if (project.pages.some((one) => one.key === key)) throw new Error(`Page key '${key}' is already used`);
      return page(key, title ?? key, options, parent.store?.key ?? null);
    },
    pushOptions(options = {}) {
      stack.push(expand(options));
    },
    popOptions() {
      if (stack.length < 2) throw new Error("Too many popOptions() operations");
      stack.pop();
    },
    panel(name, enabled) {
      project.settings.panels = { ...project.settings.panels, [name]: !!enabled };
    },
    many(...given) {
      tell("one_to_many", String(given[0] ?? ""));
      return known.form(...given);
    },
    panels: {},
    tags: [],
    exports: {},
    data: project.data,
    get pages() {
      return project.pages;
    },
    get stores() {
      return project.stores.map((key) => ({ key }));
    },
  };
  const settings = new Set(["head", "homepage", "panels", "tags", "exports"]);
  const app = new Proxy(known, {
    get(target, name) {
      if (name === "annotate") return project.annotate;
      if (name in target) return target[name];
      if (settings.has(name) || typeof name === "symbol") return undefined;
      return () => tell("unknown_app", String(name));
    },
    set(target, name, value) {
      if (name === "annotate") project.annotate = !!value;
      else {
        target[name] = value;
        if (settings.has(name)) project.settings[name] = true;
        else tell("unknown_app", String(name));
      }
      return true;
    },
  });
  return app;
}

/** Whether a page may be filled in for this thread, as its option `enabled` and those above it say. */
export function isEnabled(page, thread) {
  return page.chain.every((step) => {
    const { enabled } = step.options ?? {};
    return typeof enabled === "function" ? !!enabled(thread) : enabled == null || !!enabled;
  });
}

/** The project as data. */
export function described(project, thread) {
  const plain = (value) => (value == null || ["string", "number", "boolean"].includes(typeof value) ? value ?? null : Array.isArray(value) ? value.map(String) : typeof value);
  const options = (given) => {
    const kept = {};
    for (const name of Object.keys(given ?? {})) if (given[name] !== undefined) kept[name] = plain(given[name]);
    return kept;
  };
  const enabled = (page) => {
    try {
      return isEnabled(page, thread);
    } catch {
      return false;
    }
  };
  const entry = (item) =>
    item.filename
      ? { page: item.key, title: item.menu }
      : { key: item.key, title: item.title, options: options(item.options), children: item.children.map(entry) };
  return {
    annotate: project.annotate,
    pages: project.pages.map((page) => ({
      key: page.key,
      title: page.title,
      store: page.store?.key ?? null,
      filename: page.filename,
      enabled: enabled(page),
      options: options(page.options),
      path: page.chain.slice(0, -1).map((step) => step.title),
    })),
    menu: project.menu.map(entry),
    settings: Object.keys(project.settings).sort(),
  };
}
