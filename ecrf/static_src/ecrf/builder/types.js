// The kinds of questions, as authors choose them, and what a new one holds.
import { icon } from "../../../../core/web/static_src/web/icon.js";

export const TYPES = [
  { id: "text", type: "text", icon: icon("letter-t"), word: () => gettext("Text") },
  { id: "lines", type: "text", look: "lines", icon: icon("align-left"), word: () => gettext("Long text") },
  { id: "integer", type: "integer", icon: icon("number-123"), word: () => gettext("Whole number") },
  { id: "decimal", type: "decimal", icon: icon("decimal"), word: () => gettext("Number") },
  { id: "slider", type: "integer", look: "slider", icon: icon("adjustments-horizontal"), word: () => gettext("Slider") },
  { id: "date", type: "date", icon: icon("calendar"), word: () => gettext("Date") },
  { id: "partial_date", type: "partial_date", icon: icon("calendar-question"), word: () => gettext("Partial date") },
  { id: "datetime", type: "datetime", icon: icon("calendar-time"), word: () => gettext("Date and time") },
  { id: "time", type: "time", icon: icon("clock"), word: () => gettext("Time") },
  { id: "radio", type: "choice", look: "radio", icon: icon("circle-dot"), word: () => gettext("One choice") },
  { id: "list", type: "choice", look: "list", icon: icon("list"), word: () => gettext("Drop-down list") },
  { id: "yesno", type: "choice", look: "yesno", icon: icon("toggle-left"), word: () => gettext("Yes or no") },
  { id: "choices", type: "choices", icon: icon("checkbox"), word: () => gettext("Several choices") },
  { id: "calc", type: "decimal", calc: true, icon: icon("calculator"), word: () => gettext("Calculation") },
  { id: "search", type: "choice", look: "search", icon: icon("search"), word: () => gettext("Long list") },
  { id: "file", type: "file", icon: icon("paperclip"), word: () => gettext("File") },
  { id: "signature", type: "file", look: "signature", icon: icon("signature"), word: () => gettext("Signature") },
  { id: "output", type: "output", icon: icon("info-square"), word: () => gettext("Text shown") },
];

/** The kind of an item that exists. */
export function typeOf(spec) {
  if (spec.calc && spec.type !== "text") return TYPES.find((one) => one.calc);
  return TYPES.find((one) => !one.calc && one.type === spec.type && one.look === spec.look) ?? TYPES.find((one) => !one.calc && one.type === spec.type) ?? TYPES[0];
}

const words = (languages, french, english) => Object.fromEntries(languages.map((name) => [name, name === "fr" ? french : english]));

export const isChoice = (type) => type === "choice" || type === "choices";

function choicesOf(kind, languages) {
  if (kind.id === "yesno") {
    return [{ code: "1", label: words(languages, "Oui", "Yes") }, { code: "0", label: words(languages, "Non", "No") }];
  }
  return [{ code: "1", label: words(languages, "Premier choix", "First choice") }, { code: "2", label: words(languages, "Deuxième choix", "Second choice") }];
}

/** A new question of a kind. */
export function made(kind, key, languages) {
  const spec = { key, type: kind.type, label: {} };
  if (kind.look) spec.look = kind.look;
  if (isChoice(kind.type)) spec.choices = choicesOf(kind, languages);
  if (kind.look === "slider") Object.assign(spec, { min: ["number", "0"], max: ["number", "10"] });
  if (kind.calc) spec.calc = ["number", "0"];
  return spec;
}

const COMMON = ["key", "label", "help", "required", "required_if", "visible_if", "identifier", "readonly", "readonly_if", "hidden", "tags", "codings", "annotate", "public", "checks", "source", "unconverted"];
const KEPT = {
  text: ["format", "max_length", "pattern", "placeholder", "prefix", "suffix", "default", "calc", "rows", "unique", "coding"],
  integer: ["unit", "min", "max", "range", "default", "calc", "ends", "ticks", "placeholder", "prefix", "suffix"],
  decimal: ["unit", "min", "max", "range", "default", "calc", "ends", "ticks", "decimals", "shown_decimals", "placeholder", "prefix", "suffix"],
  choice: ["choices", "list", "choice_filter", "columns", "untoggle"],
  file: ["accept", "max_size", "image"],
  choices: ["choices", "list", "choice_filter", "columns", "max_ticked", "min_ticked"],
  output: ["image"],
};
const MOMENT = ["min", "max", "range", "default", "order", "seconds"];

/** The same question as another kind: what the new kind can't hold goes. */
export function turned(spec, kind, languages) {
  const kept = new Set([...COMMON, ...(KEPT[kind.type] ?? MOMENT)]);
  const next = Object.fromEntries(Object.entries(spec).filter(([name]) => kept.has(name)));
  next.type = kind.type;
  if (spec.type !== kind.type) for (const name of ["min", "max", "default"]) if (!(["integer", "decimal"].includes(spec.type) && ["integer", "decimal"].includes(kind.type))) delete next[name];
  if (kind.look) next.look = kind.look;
  if (isChoice(kind.type) && !next.choices && !next.list) next.choices = choicesOf(kind, languages);
  if (kind.look === "slider") Object.assign(next, { min: next.min ?? ["number", "0"], max: next.max ?? ["number", "10"] });
  if (kind.calc) next.calc ??= ["number", "0"];
  else if (kind.type !== "text") delete next.calc;
  if (kind.type === "output") for (const name of ["required", "required_if", "readonly"]) delete next[name];
  return next;
}
