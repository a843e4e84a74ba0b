// A value that fits a question, for a try.

const literal = (node) => (Array.isArray(node) && node.length === 2 && typeof node[1] === "string" && node[0] !== "var" ? node[1] : null);

function number(spec) {
  const [low, high] = [literal(spec.min), literal(spec.max)];
  if (low !== null && high !== null) {
    const middle = (Number(low) + Number(high)) / 2;
    return spec.type === "integer" ? String(Math.round(middle)) : String(Number(middle.toFixed(1)));
  }
  return low ?? high ?? "12";
}

const TEXTS = { email: "test@example.org", phone_french: "06 12 34 56 78", postalcode_french: "29200" };

/** Null where nothing is to be typed. `now` is a canonical date and time. */
export function samples(spec, now) {
  if (spec.calc || spec.readonly || spec.hidden || spec.type === "output" || spec.type === "file") return null;
  const offered = (spec.choices ?? []).filter((choice) => !choice.retired);
  const kinds = {
    text: () => (spec.format ? (TEXTS[spec.format] ?? null) : gettext("Sample").slice(0, spec.max_length ?? 100)),
    integer: () => number(spec),
    decimal: () => number(spec),
    date: () => literal(spec.max) ?? now.slice(0, 10),
    partial_date: () => now.slice(0, 7),
    datetime: () => now.slice(0, spec.seconds ? 19 : 16),
    time: () => "10:30",
    choice: () => offered[0]?.code ?? null,
    choices: () => (offered.length ? [offered[0].code] : null),
  };
  return kinds[spec.type]?.() ?? null;
}
