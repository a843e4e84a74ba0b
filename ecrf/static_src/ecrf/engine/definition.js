// A definition indexed for the browser. The twin of ecrf/engine/definition.py, for one that the server has checked.

export const MISSING = ["nsp", "na", "nd"];
export const PENDING = ["wait", "check"];

/** Items by key with their page, group and the conditions above them; choices of shared lists are filled in. */
export function compile(data) {
  const items = new Map();
  const groups = new Map();
  const pages = data.pages.map((page) => ({
    ...page,
    groups: page.groups.map((group) => {
      const own = { ...group, items: group.items.map((spec) => (spec.list ? { ...spec, choices: data.lists[spec.list] } : spec)) };
      const repeat = group.repeat?.key ?? "";
      const conditions = [page.visible_if, group.visible_if].filter(Boolean);
      for (const spec of own.items) items.set(spec.key, { spec, page: page.key, group: own, conditions, repeat });
      if (repeat) groups.set(repeat, { group: own, page: page.key, conditions });
      return own;
    }),
  }));
  const events = new Map((data.events ?? []).map((event) => [event.key, compileEvent(event, data)]));
  const statuses = new Map([
    ...PENDING.map((code) => [code, false]),
    ...[...MISSING, ...(data.missing_codes ?? []).map((choice) => choice.code)].map((code) => [code, true]),
  ]);
  return { data: { ...data, pages }, items, groups, events, statuses };
}

function compileEvent(event, data) {
  const everywhere = data.pages.filter((page) => page.repeats).map((page) => page.key);
  const copied = new Set([...everywhere, ...(event.repeating_pages ?? [])]);
  return { spec: event, pages: event.pages.filter((key) => !copied.has(key)), copied: event.pages.filter((key) => copied.has(key)) };
}

/** The pages of one entry: all that an event asks once, or the one that this is a copy of. */
export function pagesOf({ data, events }, event = "", copyOf = "") {
  if (copyOf) return data.pages.filter((page) => page.key === copyOf);
  const known = events.get(event);
  return data.pages.filter((page) => (known ? known.pages.includes(page.key) : !events.size && !page.repeats));
}

/** Whether a question may get a status and a comment. */
export const mayAnnotate = ({ data }, spec) => (data.annotate ?? true) && (spec.annotate ?? true);
