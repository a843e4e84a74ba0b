// Dates and times without zone. A date is {day} (since 1970-01-01), a datetime {day, second}, a time {second}.
// The twin of ecrf/engine/moments.py.

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?$/;

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

export function write(moment) {
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
