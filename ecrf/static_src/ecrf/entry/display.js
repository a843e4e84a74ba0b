// Values and texts as the reader's language writes them.

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Tools that know the form's languages and the reader's. */
export function display(definition, language) {
  const text = (texts) => {
    if (!texts) return "";
    for (const name of [language, ...definition.languages]) if (texts[name]) return texts[name];
    return "";
  };
  const number = (canonical) => (language === "fr" ? canonical.replace(".", ",") : canonical);

  /** A limit or a number: a date in figures, a decimal comma in French. */
  const spell = (canonical) => {
    const date = DATE.exec(canonical.slice(0, 10));
    if (date) {
      const day = new Date(Number(date[1]), Number(date[2]) - 1, Number(date[3]));
      return day.toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" }) + canonical.slice(10).replace("T", ", ");
    }
    return number(canonical);
  };

  /** A stored value in words. */
  const value = (spec, stored) => {
    if (stored === null || stored === undefined || stored.length === 0) return "";
    if (spec.choices) {
      const codes = Array.isArray(stored) ? stored : [stored];
      return codes.map((code) => text(spec.choices.find((choice) => choice.code === code)?.label) || code).join(", ");
    }
    if (spec.type === "integer" || spec.type === "decimal") {
      return spec.unit ? `${number(String(stored))}\u00a0${spec.unit}` : number(String(stored));
    }
    if (spec.type === "file" && String(stored).startsWith("sha256:")) return gettext("A file that was sent");
    return spec.type === "date" || spec.type === "datetime" ? spell(String(stored)) : String(stored);
  };
  return { text, number, spell, value };
}

export const clock = (iso, language) =>
  new Date(iso).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
