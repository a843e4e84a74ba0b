// What every widget of a page goes through: its key, its options, its value, its place in the page, its errors.

import { Markup, blocksOf, textOf } from "./markup.js";
import { isPlain } from "./util.js";

export const MOST_WIDGETS = 5000;
const own = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

/** The shared inside of one page's builder. `state` is what is entered, `model` what the script makes of it. */
export class Kit {
  constructor(state, model, options, words, tell) {
    Object.assign(this, { state, model, words, tell });
    this.paths = [{ root: state.values, ptr: state.values, prefix: [] }];
    this.options = [{ deploy: true, untoggle: true, wrap: true, annotate: false, ...options }];
    this.place = model.tree;
    this.inline = null;
    this.inlineNext = false;
    this.known = new Map();
    this.prefixes = new WeakMap([[state.values, []]]);
  }

  expand(options) {
    const expanded = { ...this.options.at(-1), ...options };
    if (!this.state.annotate) expanded.annotate = false;
    return expanded;
  }

  /** The key of a widget: a name, "*name", an array of names, or (old) [object, name] and [root, object, name]. */
  key(given, options = {}) {
    let { root, ptr, prefix } = this.paths.at(-1);
    let name = given;
    if (Array.isArray(given)) {
      name = given.at(-1);
      if (given.slice(0, -1).every((part) => typeof part === "string" || typeof part === "number")) {
        for (const part of given.slice(0, -1)) {
          const step = this.name(part, options);
          if (!isPlain(ptr[step])) ptr[step] = {};
          root = ptr = ptr[step];
          prefix = [...prefix, step];
        }
      } else if (given.length === 2 || given.length === 3) {
        root = given[0] ?? root;
        ptr = (given.length === 3 ? given[1] : given[0]) ?? ptr;
        prefix = this.prefixes.get(ptr) ?? find(this.state.values, ptr, []) ?? ["_"];
      } else throw new Error("Invalid key type");
    }
    name = this.name(name, options);
    this.prefixes.set(ptr, prefix);
    const path = [...prefix, name];
    return { root, ptr, name, path, id: path.join("."), toString: () => name };
  }

  name(given, options) {
    let name = given;
    if (typeof name === "number") {
      if (name < 0 || !Number.isInteger(name)) throw new Error("Number keys must be positive integers");
      return String(name);
    }
    if (typeof name !== "string") throw new Error("Invalid key name, must be string or number");
    for (; name[0] === "*" || name[0] === "?"; name = name.slice(1)) options.mandatory = name[0] === "*";
    if (name === "") throw new Error("Empty keys are not allowed");
    if (!/^[a-zA-Z0-9_]*$/.test(name)) throw new Error(`Key '${name}': the allowed signs are a-z, 0-9 and _`);
    if (name.startsWith("__")) throw new Error("Keys must not start with '__'");
    return name;
  }

  /** The value of a key; while it follows its default, what the default gives now. */
  read(key, options, normalize) {
    const { ptr, name, id } = key;
    const proposed = normalize(options.value) ?? undefined;
    const spelt = JSON.stringify(proposed ?? null);
    const { following, before } = this.state;
    const fresh = !own(ptr, name);
    const follows = !fresh && before.has(id) && !this.state.edited.has(id) && before.get(id) === JSON.stringify(ptr[name] ?? null);
    if (fresh || follows) {
      ptr[name] = proposed;
      following.set(id, spelt);
      return proposed;
    }
    const value = normalize(ptr[name]) ?? undefined;
    ptr[name] = value;
    return value;
  }

  widget(type, key, label, options) {
    const node = { type, label: label == null ? null : textOf(label).split("\n")[0].trim() };
    const widget = {
      type,
      id: key ? `fm_var_${key.id}` : null,
      label: node.label,
      options,
      location: null,
      errors: [],
      node,
      children: null,
      render: () => "",
      toHTML: () => "",
    };
    if (key) node.path = key.id;
    return widget;
  }

  add(widget) {
    if (this.model.widgets.length >= MOST_WIDGETS) throw new Error(`A page has at most ${MOST_WIDGETS} widgets`);
    if (this.inlineNext) {
      this.inline.push(widget);
      this.inlineNext = false;
    } else {
      this.inline = null;
      this.place.push(widget);
    }
    this.model.widgets.push(widget);
    return widget;
  }

  /** Make a widget the holder of a variable. */
  variable(widget, key, value, choices = null, multi = false) {
    if (this.known.has(key.id)) throw new Error(`Variable '${key}' already exists`);
    const { options } = widget;
    Object.assign(widget, {
      key,
      value,
      multi,
      missing: !options.disabled && value == null,
      changed: this.state.changed.has(key.id),
      error: (message, how) => {
        this.fault(widget, message, how);
        return widget;
      },
    });
    if (choices) {
      widget.props = choices;
      widget.props_map = Object.fromEntries(choices.map((choice) => [String(choice.value), choice.label]));
    }
    this.known.set(key.id, widget);
    this.model.variables.push(widget);
    if (options.mandatory && widget.missing) {
      const message = options.annotate ? this.words.requiredUnlessNoted : this.words.required;
      this.fault(widget, message, { delay: options.missing_mode !== "error", block: options.block, code: "required" });
    }
    return widget;
  }

  /** `how` is true (delayed, as old scripts say it) or {block, delay}; the widget's own options say the rest. */
  fault(widget, message, how) {
    const given = typeof how === "object" && how ? how : how == null ? {} : { delay: !!how };
    const declared = given.delay ?? widget.options.delay ?? false;
    const delay = !!declared && !this.state.triggered;
    const block = (given.block ?? widget.options.block ?? true) !== false;
    widget.errors.push({ msg: textOf(message), block, delay, declared: !!declared, code: given.code ?? "script" });
  }

  limits(widget, normalize = (value) => value) {
    const { value, options } = widget;
    const low = options.min == null ? null : normalize(options.min);
    const high = options.max == null ? null : normalize(options.max);
    if (low != null) widget.node.min = low;
    if (high != null) widget.node.max = high;
    if (value == null || ((low == null || value >= low) && (high == null || value <= high))) return;
    const said = (limit) => limit.toLocaleString();
    const message =
      low != null && high != null
        ? this.words.between(said(low), said(high))
        : low != null
          ? this.words.atLeast(said(low))
          : this.words.atMost(said(high));
    this.fault(widget, message, { code: low != null && value < low ? "below_min" : "above_max" });
  }

  /** Run what stands inside a widget; what it pushes on the stacks ends with it. */
  inside(widget, func, options, what, path = null) {
    if (typeof func !== "function")
      throw new Error(`form.${what}() contains no function: write form.${what}("…", () => { … }) with the function inside`);
    const kept = [this.place, this.paths, this.options, this.inline];
    this.place = widget.children ??= [];
    this.paths = [path ?? this.paths.at(-1)];
    this.options = [this.expand(options)];
    this.inline = null;
    this.inlineNext = false;
    try {
      return func();
    } finally {
      this.inlineNext = false;
      [this.place, this.paths, this.options, this.inline] = kept;
    }
  }

  /** A help, prefix or suffix as text; a function is asked with the value. */
  said(content, value) {
    const given = typeof content === "function" ? content(value) : content;
    if (given instanceof Markup) for (const name of blocksOf(given).left) this.tell("left_out", `<${name}>`);
    return textOf(given);
  }
}

function find(from, target, path) {
  if (from === target) return path;
  for (const name of Object.keys(from)) {
    const found = isPlain(from[name]) ? find(from[name], target, [...path, name]) : null;
    if (found) return found;
  }
  return null;
}
