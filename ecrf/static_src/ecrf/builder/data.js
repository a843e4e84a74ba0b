// The definition as a value that is never changed in place: each edit gives a new one that shares what it left alone.

export const get = (data, path) => path.reduce((part, name) => part?.[name], data);

/** With another value at a path; `undefined` takes the part away. */
export function set(data, path, value) {
  if (!path.length) return value;
  const [name, ...rest] = path;
  const copy = Array.isArray(data) ? [...data] : { ...data };
  const next = set(copy[name] ?? (typeof rest[0] === "number" ? [] : {}), rest, value);
  if (next !== undefined) copy[name] = next;
  else if (Array.isArray(copy)) copy.splice(name, 1);
  else delete copy[name];
  return copy;
}

/** With something more in the list at a path. */
export function insert(data, path, place, ...values) {
  const list = [...(get(data, path) ?? [])];
  list.splice(place, 0, ...values);
  return set(data, path, list);
}

export const remove = (data, path) => set(data, path, undefined);

/** Every item with its path. */
export function* items(data) {
  for (const [p, page] of (data.pages ?? []).entries())
    for (const [g, group] of (page.groups ?? []).entries())
      for (const [i, item] of (group.items ?? []).entries()) yield { item, page, group, path: ["pages", p, "groups", g, "items", i] };
}

export const pathOf = (data, key) => [...items(data)].find(({ item }) => item.key === key)?.path ?? null;

export const kindOf = (path) => ({ pages: "page", groups: "group", items: "item" })[path.at(-2)] ?? "form";

/** Every key of fields, pages and repeats, in small letters: none may come twice. */
export function keys(data) {
  const found = new Set();
  for (const page of data.pages ?? []) for (const group of page.groups ?? []) if (group.repeat) found.add(group.repeat.key.toLowerCase());
  for (const { item } of items(data)) found.add(String(item.key).toLowerCase());
  return found;
}

/** A key made of a label: small letters without accents, digits, underscores; it begins with a letter. */
export function slug(label) {
  const plain = label.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe").replace(/æ/gi, "ae").toLowerCase();
  const key = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40).replace(/_+$/, "");
  return /^[a-z]/.test(key) ? key : key && `q_${key}`;
}

/** The key, or the first of key_2, key_3… that isn't taken. */
export function free(key, taken) {
  const base = key || "question";
  let found = base;
  for (let number = 2; taken.has(found.toLowerCase()); number += 1) found = `${base}_${number}`;
  return found;
}

const NAMED = new Set(["var", "ticked", "count", "previous", "first", "last", "status"]);

/** An expression with other names for the fields that it reads. */
export function renamed(node, names) {
  if (!Array.isArray(node)) return node;
  const [head, ...rest] = node;
  if (NAMED.has(head) && typeof rest[0] === "string") return [head, names.get(rest[0]) ?? rest[0], ...rest.slice(1)];
  return [head, ...rest.map((part) => renamed(part, names))];
}

export const EXPRESSIONS = ["visible_if", "required_if", "readonly_if", "calc", "default", "min", "max", "choice_filter", "row_title", "summary", "from"];

/** A part of the definition with every expression inside it changed. */
export function mapExpressions(part, change) {
  if (Array.isArray(part)) return part.map((one) => mapExpressions(one, change));
  if (!part || typeof part !== "object") return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => {
      const isExpression = (EXPRESSIONS.includes(name) || name === "holds") && Array.isArray(value) && typeof value[0] === "string";
      return [name, isExpression ? change(value) : mapExpressions(value, change)];
    }),
  );
}

/** Give a field another key, everywhere it is read. */
export function renameItem(data, path, key) {
  const old = get(data, path).key;
  const names = new Map([[old, key]]);
  const next = mapExpressions(set(data, [...path, "key"], key), (node) => renamed(node, names));
  const events = next.events?.map((event) => (event.date === old ? { ...event, date: key } : event));
  const pages = next.pages.map((page) => (page.consent ? { ...page, consent: renamedParts(page.consent, old, key) } : page));
  return events ? { ...next, pages, events } : { ...next, pages };
}

/** A consent whose questions are called otherwise. */
function renamedParts(consent, old, key) {
  const swap = (name) => (name === old ? key : name);
  const parts = ["name", "date", "signature"].filter((part) => part in consent).map((part) => [part, swap(consent[part])]);
  return { ...consent, ...Object.fromEntries(parts), ...(consent.agree ? { agree: consent.agree.map(swap) } : {}) };
}

/** Give a page another key, also in the visits that have it. */
export function renamePage(data, path, key) {
  const old = get(data, path).key;
  const swap = (list) => list?.map((name) => (name === old ? key : name));
  const next = set(data, [...path, "key"], key);
  if (!next.events) return next;
  const events = next.events.map((event) => ({
    ...event,
    pages: swap(event.pages),
    ...(event.repeating_pages ? { repeating_pages: swap(event.repeating_pages) } : {}),
    ...(event.requires_consent ? { requires_consent: { ...event.requires_consent, page: swap([event.requires_consent.page])[0] } } : {}),
  }));
  return { ...next, events };
}

/** The fields that an expression reads. */
export function* reads(node) {
  if (!Array.isArray(node)) return;
  if (NAMED.has(node[0]) && typeof node[1] === "string") yield node[1];
  else for (const part of node.slice(1)) yield* reads(part);
}

const GONE = Symbol("gone");

/** Move parts of one kind into another list, before a place of it. Gives the definition and where they are now. */
export function move(data, paths, list, place) {
  const parts = paths.map((path) => get(data, path));
  let next = paths.reduce((all, path) => set(all, path, GONE), data);
  next = insert(next, list, place, ...parts);
  const clean = (part) => {
    if (!Array.isArray(part)) return part;
    return part.includes(GONE) ? part.filter((one) => one !== GONE) : part;
  };
  next = { ...next, pages: clean(next.pages).map((page) => ({ ...page, groups: clean(page.groups).map((group) => ({ ...group, items: clean(group.items) })) })) };
  next = withoutLeftovers(next, paths);
  const moved = [];
  const kind = kindOf(paths[0]);
  for (const [p, page] of next.pages.entries()) {
    if (kind === "page" && parts.some((part) => part.key === page.key)) moved.push(["pages", p]);
    for (const [g, group] of page.groups.entries()) {
      if (kind === "group" && parts.some((part) => part.items[0] === group.items[0] && part.title === group.title)) moved.push(["pages", p, "groups", g]);
      if (kind === "item") for (const [i, item] of group.items.entries()) if (parts.includes(item)) moved.push(["pages", p, "groups", g, "items", i]);
    }
  }
  return { data: next, moved };
}

/** Nameless sections that a move has emptied go; a page keeps one section. */
function withoutLeftovers(data, paths) {
  const left = new Set(paths.filter((path) => kindOf(path) === "item").map((path) => path.slice(0, 4).join(".")));
  if (!left.size) return data;
  return {
    ...data,
    pages: data.pages.map((page) => {
      const groups = page.groups.filter((group) => group.items.length || group.title || group.repeat);
      return groups.length ? { ...page, groups } : page;
    }),
  };
}
