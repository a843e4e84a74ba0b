// Dates and times without zone. A date is {day} (since 1970-01-01), a datetime {day, second}, a time {second}; a partial
// date {first, last, text}: the first and the last day that it may be, and its spelling (2026, 2026-11, 2026-11-23).
// The twin of ecrf/engine/moments.py.

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?$/;
const PARTIAL = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/;
export const LARGEST_SHIFT = 10 ** 10;

const isLeap = (y) => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
const monthLength = (y, m) => (m === 2 ? (isLeap(y) ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31);
const pad = (n, size = 2) => String(n).padStart(size, "0");

function daysFrom(y, m, d) {
  const year = m <= 2 ? y - 1 : y;
  const era = Math.floor(year / 400);
  const inEra = year - era * 400;
  const inYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1;
  return era * 146097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719468;
}

/** Year, month and day of a number of days since 1970-01-01. */
export function civil(day) {
  const z = day + 719468;
  const era = Math.floor(z / 146097);
  const inEra = z - era * 146097;
  const years = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36524) - Math.floor(inEra / 146096)) / 365);
  const inYear = inEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const shifted = Math.floor((5 * inYear + 2) / 153);
  const m = shifted + (shifted < 10 ? 3 : -9);
  return [years + era * 400 + (m <= 2 ? 1 : 0), m, inYear - Math.floor((153 * shifted + 2) / 5) + 1];
}

export function parseDate(text) {
  const found = DATE.exec(text);
  if (!found) return null;
  const [y, m, d] = found.slice(1).map(Number);
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > monthLength(y, m)) return null;
  return { day: daysFrom(y, m, d) };
}

export function parseTime(text) {
  const found = TIME.exec(text);
  if (!found) return null;
  const [h, m, s] = [found[1], found[2], found[3] ?? "0"].map(Number);
  return h > 23 || m > 59 || s > 59 ? null : { second: h * 3600 + m * 60 + s };
}

export function parseDatetime(text) {
  const date = parseDate(text.slice(0, 10));
  const time = parseTime(text.slice(11));
  return date && time && "T ".includes(text[10]) ? { ...date, ...time } : null;
}

export function parsePartial(text) {
  const found = PARTIAL.exec(text);
  if (!found) return null;
  const [y, m, d] = [found[1], found[2] ?? "1", found[3] ?? "1"].map(Number);
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > monthLength(y, m)) return null;
  const month = found[2] === undefined ? 12 : m;
  const last = daysFrom(y, month, found[3] === undefined ? monthLength(y, month) : d);
  return { first: daysFrom(y, m, d), last, text };
}

export const isPartial = (value) => typeof value === "object" && value !== null && "first" in value;

/** The first and the last day of a date or a partial date. */
const span = (moment) => (isPartial(moment) ? [moment.first, moment.last] : [moment.day, moment.day]);

/** Whether two dates, known in part, are one day; null where that can't be told. */
export function coincide(a, b) {
  const [[a1, a2], [b1, b2]] = [span(a), span(b)];
  if (a2 < b1 || b2 < a1) return false;
  return a1 === a2 && b1 === b2 ? true : null;
}

/** Whether one date, known in part, is before another; null where that can't be told. */
export function precedes(a, b) {
  const [[a1, a2], [b1, b2]] = [span(a), span(b)];
  return a2 < b1 ? true : a1 >= b2 ? false : null;
}

/** The year, the month or the day (0, 1, 2); null where a partial date doesn't know it. */
export function part(moment, index) {
  if (!isPartial(moment)) return civil(moment.day)[index];
  const text = moment.text.split("-")[index];
  return text === undefined ? null : Number(text);
}

export const earliest = (moment) => (isPartial(moment) ? { day: moment.first } : moment);
export const latest = (moment) => (isPartial(moment) ? { day: moment.last } : moment);

/** 1 is Monday, 7 Sunday. */
export const weekday = (moment) => ((((moment.day + 3) % 7) + 7) % 7) + 1;

export function make(y, m, d) {
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > monthLength(y, m)) return null;
  return { day: daysFrom(y, m, d) };
}

const UNITS = { d: 86400, w: 7 * 86400, h: 3600, m: 60 };
const [FIRST, LAST] = [daysFrom(1, 1, 1), daysFrom(9999, 12, 31)];

/** So many units later; a month ends where its last day is. Null outside the years 1 to 9999, or outside the day. */
export function shift(moment, many, unit) {
  if (moment.day === undefined) {
    const second = moment.second + many * UNITS[unit];
    return second >= 0 && second < 86400 ? { second } : null;
  }
  let { day } = moment;
  let clock = moment.second === undefined ? {} : { second: moment.second };
  if (unit in UNITS) {
    const second = (moment.second ?? 0) + many * UNITS[unit];
    day += Math.floor(second / 86400);
    if (moment.second !== undefined) clock = { second: second - Math.floor(second / 86400) * 86400 };
  } else {
    const [y, m, d] = civil(day);
    const months = y * 12 + m - 1 + many * (unit === "y" ? 12 : 1);
    const [year, month] = [Math.floor(months / 12), months - Math.floor(months / 12) * 12 + 1];
    if (year < 1 || year > 9999) return null;
    day = daysFrom(year, month, Math.min(d, monthLength(year, month)));
  }
  return day < FIRST || day > LAST ? null : { day, ...clock };
}

export function write(moment) {
  if (isPartial(moment)) return moment.text;
  const { day, second } = moment;
  const parts = [];
  if (day !== undefined) {
    const [y, m, d] = civil(day);
    parts.push(`${pad(y, 4)}-${pad(m)}-${pad(d)}`);
  }
  if (second !== undefined) {
    const clock = `${pad(Math.floor(second / 3600))}:${pad(Math.floor(second / 60) % 60)}`;
    parts.push(second % 60 ? `${clock}:${pad(second % 60)}` : clock);
  }
  return parts.join("T");
}

export const seconds = (moment) => (moment.day ?? 0) * 86400 + (moment.second ?? 0);
