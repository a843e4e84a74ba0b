// The `meta` of a page script: what it says about the record rather than asks.

import { textOf } from "./markup.js";

export const makeMeta = () => ({ hid: null, summary: null, constraints: {}, counters: {}, signup: null });

function checked(key, what) {
  if (!key) throw new Error(`${what} keys must not be empty`);
  if (String(key).startsWith("__")) throw new Error("Keys must not start with '__'");
  return String(key);
}

export function metaOf(meta, project, thread, values, tell) {
  const counter = (key, max, randomize, secret) => {
    meta.counters[key] = { max, randomize, secret: !!secret };
    return secret ? null : thread.counters[key];
  };
  return {
    get hid() {
      return meta.hid;
    },
    set hid(value) {
      meta.hid = value;
    },
    get summary() {
      return meta.summary;
    },
    set summary(value) {
      meta.summary = value;
    },
    get saved() {
      return thread.saved;
    },
    constrain(key, types) {
      const constraint = { exists: false, unique: false };
      for (const type of [types].flat()) {
        if (!Object.hasOwn(constraint, type)) throw new Error(`Unknown constraint type '${type}'`);
        constraint[type] = true;
      }
      if (!constraint.exists && !constraint.unique) throw new Error("Empty constraint");
      meta.constraints[checked(key, "Constraint")] = constraint;
    },
    count: (key, secret = false) => counter(checked(key, "Counter"), null, false, secret),
    randomize(key, max = 2, secret = false) {
      if (max < 2 || max > 32) throw new Error("The number of randomization groups must be between 2 and 32");
      return counter(checked(key, "Randomization"), max, true, secret);
    },
    signup(key, to, subject, content, text = null) {
      if (!project.pages.some((page) => page.key === key)) throw new Error(`Unknown page '${key}'`);
      meta.signup = { page: key, to: textOf(to), subject: textOf(subject), text: textOf(text ?? content) };
      tell("signup", key);
    },
    contextualize: (url, other) => `${typeof url === "string" ? url : url?.url ?? ""}/${(other ?? thread).tid ?? ""}`,
    /** How many of the pages at or below an item hold something. */
    status(item, other = thread) {
      const pages = item?.filename ? [item] : project.pages.filter((page) => page.chain.includes(item));
      const filled = pages.filter((page) => other.entries[page.store?.key] != null).length;
      return { filled, total: pages.length, complete: filled === pages.length, enabled: true };
    },
    go: () => tell("not_run", "meta.go"),
  };
}
