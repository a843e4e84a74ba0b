// What lies around an entry that is evaluated: other events, copies of pages. The twin of ecrf/engine/surroundings.py.

import { pagesOf } from "./definition.js";
import { read, Unreadable } from "./values.js";

/** What can be read of stored values, for expressions. */
export function typedValues(form, values) {
  const found = new Map();
  for (const [key, stored] of Object.entries(values)) {
    const item = form.items.get(key);
    if (!item || item.repeat || item.spec.type === "output") continue;
    try {
      const [, value] = read(item.spec, stored);
      if (value !== null) found.set(key, value);
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
    }
  }
  return found;
}

/** The values of a copy of a page, with a place for each of its items. */
export function whole(form, page, values) {
  for (const [key, item] of form.items) if (item.page === page && !item.repeat && !values.has(key)) values.set(key, null);
  return values;
}

/** What other events hold of their items; null where it is asked and not answered. */
export function elsewhere(form, context) {
  const found = new Map();
  for (const [key] of form.events) {
    if (key === context.event) continue;
    const typed = typedValues(form, context.others?.[key] ?? {});
    const asked = new Map();
    const pages = new Set(pagesOf(form, key).map((page) => page.key));
    for (const [name, item] of form.items) if (pages.has(item.page)) asked.set(name, typed.get(name) ?? null);
    found.set(key, asked);
  }
  return found;
}

/** The events before this one on the subject's way through the study, in their order. */
export function earlier(form, context) {
  const keys = [...form.events].filter(([, { spec }]) => !context.arm || !spec.arms || spec.arms.includes(context.arm)).map(([key]) => key);
  return keys.includes(context.event) ? keys.slice(0, keys.indexOf(context.event)) : [];
}
