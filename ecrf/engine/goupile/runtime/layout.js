// The widgets that hold others or only speak: sections, columns, tabs, repeats, outputs, actions; and the stacks.

import { Markup, blocksOf, html, svg, textOf } from "./markup.js";
import { isPlain } from "./util.js";

/** How many steps of a path were pushed with some options, as old scripts do. */
const STEPS = Symbol("steps");

export function addLayout(form, kit) {
  const { model, state } = kit;
  const tabKeys = new Set();
  let tabs = null;

  const holder = (type, label, options, extra = {}) => {
    const widget = kit.widget(type, null, label, options);
    Object.assign(widget.node, extra);
    widget.children = [];
    return kit.add(widget);
  };

  form.section = (label, func, options = {}) => {
    let [title, inner, asked] = [label, func, options];
    if (typeof label === "function") [title, inner, asked] = [null, label, isPlain(func) ? func : options];
    const expanded = kit.expand(asked);
    const widget = holder("section", title, expanded, { deploy: expanded.deploy !== false });
    if (asked.anchor) widget.node.anchor = String(asked.anchor);
    if (expanded.color) widget.node.color = String(expanded.color);
    kit.inside(widget, inner, { ...expanded, anchor: null, color: null }, "section");
    return widget;
  };

  form.block = form.scope = (func, options = {}) => {
    const expanded = kit.expand(options);
    const widget = holder("block", null, expanded);
    kit.inside(widget, func, expanded, "block");
    return widget;
  };

  form.columns = (func, options = {}) => {
    const expanded = kit.expand(options);
    const widget = holder("columns", null, expanded, { wide: !!expanded.wide });
    kit.inside(widget, func, { ...expanded, compact: false }, "columns");
    return widget;
  };

  /** The next widget stands at the right of the one before it. */
  form.sameLine = (wide = false) => {
    if (kit.inline == null) {
      const previous = kit.place.pop();
      const widget = kit.widget("columns", null, null, kit.expand({ wide }));
      widget.node.wide = !!wide;
      widget.children = previous ? [previous] : [];
      kit.place.push(widget);
      model.widgets.push(widget);
      kit.inline = widget.children;
    }
    kit.inlineNext = true;
  };

  form.tabs = (key, func, options = {}) => {
    const expanded = kit.expand(options);
    if (!key) throw new Error("Key parameter must be specified");
    if (tabKeys.has(key)) throw new Error(`Tabs key '${key}' is already used`);
    tabKeys.add(key);
    const widget = holder("tabs", null, expanded, { key: String(key) });
    const outer = tabs;
    const inner = (tabs = []);
    try {
      kit.inside(widget, func, expanded, "tabs");
    } finally {
      tabs = outer;
    }
    const wanted = state.tabs?.[key] ?? expanded.tab;
    let active = typeof wanted === "number" ? wanted : inner.findIndex((tab) => tab.node.label === wanted);
    if (!inner[active] || inner[active].node.disabled) active = inner.findIndex((tab) => !tab.node.disabled);
    inner.forEach((tab, i) => {
      tab.node.active = i === active;
      if (tab.node.active) model.actions.push(...tab.actions);
    });
    return widget;
  };

  form.tab = (label, func, options = {}) => {
    if (!tabs) throw new Error("form.tab must be called from inside form.tabs");
    const title = textOf(label);
    if (!title) throw new Error("Label must be specified");
    if (tabs.some((tab) => tab.node.label === title)) throw new Error(`Tab label '${title}' is already used`);
    const expanded = kit.expand(options);
    const widget = holder("tab", title, expanded, { disabled: !!expanded.disabled, active: false });
    tabs.push(widget);
    const before = model.actions.length;
    kit.inside(widget, func, expanded, "tab");
    widget.actions = model.actions.splice(before);
    return widget;
  };

  form.repeat = (given, func, options = {}) => {
    const expanded = kit.expand(options);
    const key = kit.key(given, expanded);
    if (!isPlain(key.ptr[key.name])) key.ptr[key.name] = {};
    const rows = key.ptr[key.name];
    const widget = kit.widget("repeat", key, null, expanded);
    kit.variable(widget, key, rows);
    widget.missing = false;
    widget.errors.length = 0;
    kit.add(widget);
    const open = !expanded.disabled && !expanded.readonly;
    widget.add = open ? () => ((rows[widget.length] = {}), form.restart()) : null;
    widget.remove = open ? (at) => (removeRow(rows, at), form.restart()) : null;
    widget.length = 0;
    widget.children = [];
    for (; Object.hasOwn(rows, widget.length); widget.length++) {
      const i = widget.length;
      const row = kit.widget("row", null, null, expanded);
      row.node.index = i;
      widget.children.push(row);
      if (!isPlain(rows[i])) rows[i] = {};
      const place = { root: rows, ptr: rows[i], prefix: [...key.path, String(i)] };
      kit.inside(row, () => func(rows[i], i, widget.remove && (() => widget.remove(i))), expanded, "repeat", place);
    }
    if (typeof func !== "function") kit.inside(widget, func, expanded, "repeat");
    widget.node.length = widget.length;
    return widget;
  };

  form.output = (content, options = {}) => {
    if (content == null || content === html || content === svg) return undefined;
    const widget = kit.widget("output", null, null, { ...kit.expand(options), mandatory: false });
    const said = content instanceof Markup ? content : html(["", ""], content);
    const { blocks, left } = blocksOf(said, state.filesUrl);
    for (const name of left) kit.tell("left_out", `<${name}>`);
    widget.node.blocks = blocks;
    return kit.add(widget);
  };

  form.errorList = (label, options = {}) => {
    const widget = kit.widget("errorList", null, label ?? null, kit.expand(options));
    return kit.add(widget);
  };

  form.action = (label, asked = {}, handler = null) => {
    const options = kit.expand(typeof asked === "function" ? {} : asked);
    const func = typeof asked === "function" ? asked : handler;
    let said = textOf(label);
    const always = said.startsWith("+");
    if (always) said = said.slice(1).trim();
    const separator = /^-+$/.test(said);
    const widget = kit.widget("action", null, said, options);
    widget.clicked = state.clicked === said;
    Object.assign(widget.node, { separator, always: always || separator || !!options.always, disabled: !!options.disabled });
    if (options.color) widget.node.color = String(options.color);
    if (options.tooltip) widget.node.tooltip = textOf(options.tooltip);
    if (func) kit.tell("action_code", said);
    model.actions.push(widget);
    return widget;
  };

  form.pushOptions = (options = {}) => {
    const asked = { ...options };
    let steps = 0;
    if (Object.hasOwn(asked, "path")) {
      kit.tell("old_option", "path");
      for (const step of [asked.path].flat()) {
        form.pushPath(step);
        steps++;
      }
      delete asked.path;
    }
    if (Object.hasOwn(asked, "missingMode")) asked.missing_mode = asked.missingMode;
    kit.options.push({ ...kit.expand(asked), [STEPS]: steps });
  };
  form.popOptions = () => {
    if (kit.options.length < 2) throw new Error("Too many popOptions() operations");
    for (let left = kit.options.pop()[STEPS] ?? 0; left > 0; left--) form.popPath();
  };
  form.pushPath = (given, sub = null) => {
    const key = kit.key(given);
    if (kit.known.has(key.id)) throw new Error(`Variable '${key}' already exists`);
    if (!isPlain(key.ptr[key.name])) key.ptr[key.name] = {};
    let [root, ptr, prefix] = [key.ptr[key.name], key.ptr[key.name], key.path];
    if (sub != null) {
      if (!isPlain(root[sub])) root[sub] = {};
      [ptr, prefix] = [root[sub], [...prefix, String(sub)]];
    }
    kit.paths.push({ root, ptr, prefix });
  };
  form.popPath = () => {
    if (kit.paths.length < 2) throw new Error("Too many popPath() operations");
    kit.paths.pop();
  };
}

function removeRow(rows, at) {
  let last = Number(at);
  for (; Object.hasOwn(rows, last + 1); last++) rows[last] = rows[last + 1];
  delete rows[last];
}
