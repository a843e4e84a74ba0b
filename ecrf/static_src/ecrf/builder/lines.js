// The definition as lines of text, and the line of each of its places.

/** The text, where short lists such as expressions stand on one line; and the line of each place. */
export function written(data) {
  const lines = [];
  const places = new Map();
  const walk = (value, indent, lead, tail, path) => {
    places.set(path.join("."), lines.length + 1);
    const flat = JSON.stringify(value);
    const short = value === null || typeof value !== "object" || (flat.length < 90 && (Array.isArray(value) ? value.every((one) => typeof one !== "object" || Array.isArray(one)) : Object.values(value).every((one) => typeof one !== "object")));
    if (short) {
      lines.push(`${indent}${lead}${value !== null && typeof value === "object" ? spaced(value) : flat}${tail}`);
      return;
    }
    const list = Array.isArray(value);
    const entries = list ? value.map((one, place) => [place, one]) : Object.entries(value);
    lines.push(`${indent}${lead}${list ? "[" : "{"}`);
    entries.forEach(([name, one], place) => walk(one, `${indent}  `, list ? "" : `${JSON.stringify(name)}: `, place < entries.length - 1 ? "," : "", [...path, name]));
    lines.push(`${indent}${list ? "]" : "}"}${tail}`);
  };
  walk(data, "", "", "", []);
  return { text: `${lines.join("\n")}\n`, places };
}

const spaced = (value) =>
  Array.isArray(value) ? `[${value.map((one) => (Array.isArray(one) ? spaced(one) : JSON.stringify(one))).join(", ")}]` : `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${JSON.stringify(one)}`).join(", ")}}`;

/** The line of a place, or of the nearest part above it. */
export function lineOf(places, place) {
  const path = place.split(".");
  while (path.length && !places.has(path.join("."))) path.pop();
  return places.get(path.join(".")) ?? 1;
}
