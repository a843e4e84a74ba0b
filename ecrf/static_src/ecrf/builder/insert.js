// Bring pages of a library or of another form in: their keys are made free, their languages fitted.
import { free, items, keys, mapExpressions, renamed } from "./data.js";

const TEXTS = new Set(["title", "label", "help", "message", "placeholder", "prefix", "suffix", "tab", "sign", "text"]);

function fitted(part, languages) {
  if (Array.isArray(part)) return part.map((one) => fitted(one, languages));
  if (!part || typeof part !== "object") return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => {
      if (!TEXTS.has(name) || !value || typeof value !== "object") return [name, fitted(value, languages)];
      const known = Object.entries(value).filter(([language]) => languages.includes(language));
      if (known.length) return [name, Object.fromEntries(known)];
      const first = value.en ?? Object.values(value)[0];
      return [name, first ? { [languages[0]]: first } : {}];
    }),
  );
}

/** The definition with these pages after a place; gives it and how many keys had to change. */
export function bringIn(data, source, place) {
  const taken = keys(data);
  const names = new Map();
  for (const { item } of items(source)) {
    const key = free(item.key, taken);
    taken.add(key.toLowerCase());
    if (key !== item.key) names.set(item.key, key);
  }
  const pageKeys = new Set(data.pages.map((page) => page.key.toLowerCase()));
  const lists = { ...data.lists };
  const listNames = new Map();
  for (const [name, choices] of Object.entries(source.lists ?? {})) {
    const same = lists[name] && JSON.stringify(lists[name]) === JSON.stringify(choices);
    const key = same ? name : free(name, new Set(Object.keys(lists).map((one) => one.toLowerCase())));
    lists[key] = fitted(choices, data.languages);
    if (key !== name) listNames.set(name, key);
  }
  const pages = source.pages.map((page) => {
    const key = free(page.key, pageKeys);
    pageKeys.add(key.toLowerCase());
    const groups = page.groups.map((group) => ({
      ...group,
      items: group.items.map((item) => ({
        ...item,
        key: names.get(item.key) ?? item.key,
        ...(item.list ? { list: listNames.get(item.list) ?? item.list } : {}),
      })),
    }));
    return mapExpressions(fitted({ ...page, key, groups }, data.languages), (node) => renamed(node, names));
  });
  const next = { ...data, pages: [...data.pages.slice(0, place), ...pages, ...data.pages.slice(place)] };
  if (Object.keys(lists).length) next.lists = lists;
  return { data: next, changed: names.size, pages };
}

/** Copies of items with keys of their own; what they say of each other follows. */
export function copies(data, specs) {
  const taken = keys(data);
  const names = new Map();
  for (const spec of specs) {
    const key = free(spec.key, taken);
    taken.add(key.toLowerCase());
    names.set(spec.key, key);
  }
  return specs.map((spec) => mapExpressions({ ...structuredClone(spec), key: names.get(spec.key) }, (node) => renamed(node, names)));
}
