// Where the items of a script page are among the values of the script. The twin of ecrf/engine/goupile/places.py and of
// what state.py makes of stored values.

const KINDS = { text: "text", integer: "number", decimal: "number", date: "date", partial_date: "month", time: "time", choice: "enum", choices: "multi", file: "file" };

/** {item, path, repeat} of each item of a page. */
export function places(page) {
  return page.groups.flatMap((group) => {
    const repeat = group.repeat?.key ?? "";
    const prefix = repeat ? (group.source?.["goupile.path"] ?? repeat) : "";
    return group.items.map((item) => ({ item, repeat, path: (item.source?.["goupile.path"] ?? (prefix ? `${prefix}.${item.key}` : item.key)).split(".") }));
  });
}

const inner = (values, path) => {
  let found = values;
  for (const step of path) {
    if (found[step] === null || typeof found[step] !== "object" || Array.isArray(found[step])) found[step] = {};
    found = found[step];
  }
  return found;
};

/** Stored values as the script's values. A key that is there and null was emptied by somebody. */
export function entered(page, stored, extra = {}) {
  const values = structuredClone(extra);
  for (const { item, path, repeat } of places(page)) {
    const last = path.at(-1);
    if (repeat) {
      const holder = inner(values, path.slice(0, -1));
      (stored[repeat] ?? []).forEach((row, number) => {
        holder[number] ??= {};
        if (Object.hasOwn(row, item.key)) holder[number][last] = row[item.key];
      });
    } else if (Object.hasOwn(stored, item.key) && item.type !== "output") {
      inner(values, path.slice(0, -1))[last] = stored[item.key];
    }
  }
  return values;
}

/** Put a value at a path of a script's values. */
export function put(values, path, value) {
  const steps = path.split(".");
  inner(values, steps.slice(0, -1))[steps.at(-1)] = value;
  return values;
}

/** What the runtime is told of the variables, so that it knows each stored text for what it is. */
export function types(page) {
  const known = {};
  for (const { item, path, repeat } of places(page)) {
    const kind = KINDS[item.type];
    if (!kind || item.source?.["goupile.calc"]) continue;
    const variable = { type: kind };
    if (item.choices) {
      const values = item.source?.["goupile.values"] ? JSON.parse(item.source["goupile.values"]) : item.choices.map((choice) => choice.code);
      variable.props = item.choices.map((choice, at) => ({ code: choice.code, value: values[at] }));
    }
    known[(repeat ? [...path.slice(0, -1), "*", path.at(-1)] : path).join(".")] = variable;
  }
  return known;
}

const ROW = /^(\w+)\[(\d+)\]\.(\w+)$/;

/** Notes by the paths of the script. */
export function noted(page, notes) {
  const found = {};
  const known = places(page);
  for (const [place, note] of Object.entries(notes)) {
    const [, repeat, row, key] = ROW.exec(place) ?? [null, "", "", place];
    const at = known.find((one) => one.repeat === repeat && one.item.key === key);
    if (at) found[(repeat ? [...at.path.slice(0, -1), row, at.path.at(-1)] : at.path).join(".")] = note;
  }
  return found;
}

/** The place of a path; `page/path` for what the dictionary doesn't hold yet. */
export function placeOf(page) {
  const known = new Map(places(page).map((one) => [one.path.join("."), one]));
  return (path) => {
    const steps = path.split(".");
    if (known.has(path) && !known.get(path).repeat) return known.get(path).item.key;
    const at = /^\d+$/.test(steps.at(-2) ?? "") ? known.get([...steps.slice(0, -2), steps.at(-1)].join(".")) : null;
    return at?.repeat ? `${at.repeat}[${steps.at(-2)}].${at.item.key}` : `${page.key}/${path}`;
  };
}

/** The rows of a repeat, by its path. */
export const repeatOf = (page, path) => page.groups.find((group) => group.repeat && (group.source?.["goupile.path"] ?? group.repeat.key) === path)?.repeat.key;
