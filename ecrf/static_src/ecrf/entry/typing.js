// Dates and times as people type them: day first in French, year first in English, never a guess about the century.
// «3/9/26» stays as typed and is refused; «03092026», «3.9.2026» and «2026-09-03» are read.

const PARTS = /^(\d{1,4})[\s/.-]+(\d{1,2})[\s/.-]+(\d{1,4})$/;
const COMPACT = /^\d{8}$/;
const CLOCK = /^(\d{1,2})(?:[:hH.]\s?)?(\d{2})?(?::(\d{2}))?$/;

const pad = (text, size) => text.padStart(size, "0");

export const isDayFirst = (language) => language === "fr";

function date(text, dayFirst) {
  let found = PARTS.exec(text)?.slice(1);
  if (!found && COMPACT.test(text)) {
    found = dayFirst ? [text.slice(0, 2), text.slice(2, 4), text.slice(4)] : [text.slice(0, 4), text.slice(4, 6), text.slice(6)];
  }
  if (!found) return null;
  const yearFirst = found[0].length === 4;
  if (!yearFirst && (!dayFirst || found[2].length !== 4)) return null;
  const [y, m, d] = yearFirst ? found : [found[2], found[1], found[0]];
  return d.length > 2 ? null : `${y}-${pad(m, 2)}-${pad(d, 2)}`;
}

/** A month of a year, in either order. */
function month(text) {
  const found = /^(\d{1,4})[\s/.-]+(\d{1,4})$/.exec(text)?.slice(1);
  const [y, m] = found?.[0].length === 4 ? found : (found?.toReversed() ?? []);
  return y?.length === 4 && m.length < 3 ? `${y}-${pad(m, 2)}` : null;
}

function time(text) {
  const compact = /^\d{3,4}$/.test(text) ? [text.slice(0, -2), text.slice(-2)] : CLOCK.exec(text)?.slice(1);
  if (!compact || compact[1] === undefined) return null;
  const [h, m, s] = compact;
  return `${pad(h, 2)}:${m}${s ? `:${s}` : ""}`;
}

/** What was typed as a canonical value, or as it was typed where it is none: the engine then says what is wrong. */
export function read(type, typed, language) {
  const text = typed.trim();
  const dayFirst = isDayFirst(language);
  if (type === "date") return date(text, dayFirst) ?? text;
  if (type === "partial_date") return date(text, dayFirst) ?? month(text) ?? text;
  if (type === "time") return time(text) ?? text;
  if (type !== "datetime") return typed;
  const place = Math.max(text.lastIndexOf(" "), text.lastIndexOf("T"));
  const [day, clock] = [date(text.slice(0, place).replace(/,$/, ""), dayFirst), time(text.slice(place + 1))];
  return place > 0 && day && clock ? `${day}T${clock}` : text;
}

/** A canonical date or time as it is typed. */
export function write(type, canonical, language) {
  const part = /^(\d{4})-(\d{2})$/.exec(canonical);
  if (part && isDayFirst(language)) return `${part[2]}/${part[1]}`;
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:T(.*))?$/.exec(canonical);
  if (!found || type === "time") return canonical;
  const [, y, m, d, clock] = found;
  const day = isDayFirst(language) ? `${d}/${m}/${y}` : `${y}-${m}-${d}`;
  return clock ? `${day} ${clock}` : day;
}

/** What the field asks for, shown while it is empty. */
export function pattern(type, language, seconds) {
  const day = isDayFirst(language) ? "JJ/MM/AAAA" : "YYYY-MM-DD";
  const clock = seconds ? "hh:mm:ss" : "hh:mm";
  if (type === "partial_date") return isDayFirst(language) ? "AAAA, MM/AAAA, JJ/MM/AAAA" : "YYYY, YYYY-MM, YYYY-MM-DD";
  return { date: day, time: clock, datetime: `${day} ${clock}` }[type];
}
