// Dates and times without zone, as scripts of Goupile know them: they compare with <, print as ISO, and count days.

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const two = (number) => String(number).padStart(2, "0");

/** A day, or a month whose day is null. */
export class LocalDate {
  constructor(year = 0, month = 0, day = 0) {
    this.year = year;
    this.month = month;
    this.day = day;
  }
  clone() {
    return new LocalDate(this.year, this.month, this.day);
  }
  isZero() {
    return !this.year && !this.month && !this.day;
  }
  isValid() {
    const { year, month, day } = this;
    if (year == null || year < -4712 || month == null || month < 1 || month > 12) return false;
    return day == null || (day >= 1 && day <= LocalDate.daysInMonth(year, month));
  }
  isComplete() {
    return this.isValid() && this.day != null;
  }
  equals(other) {
    return +this === +other;
  }
  /** The number of the day in the Julian count; a month counts as its first day. */
  toJulianDays() {
    const early = this.month < 3 ? 1 : 0;
    const year = this.year + 4800 - early;
    const month = this.month + 12 * early - 3;
    const leaps = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
    return (this.day || 1) + Math.floor((153 * month + 2) / 5) + 365 * year + leaps - 32045;
  }
  valueOf() {
    return this.toJulianDays();
  }
  toJSDate(utc = false) {
    return utc ? new Date(Date.UTC(this.year, this.month - 1, this.day)) : new Date(this.year, this.month - 1, this.day);
  }
  /** 0 is Monday. */
  getWeekDay() {
    return this.toJulianDays() % 7;
  }
  diff(other) {
    return this.toJulianDays() - other.toJulianDays();
  }
  plus(days) {
    return LocalDate.fromJulianDays(this.toJulianDays() + days);
  }
  minus(days) {
    return LocalDate.fromJulianDays(this.toJulianDays() - days);
  }
  /** The same day of another month, or its last day where it is shorter. */
  plusMonths(months) {
    const count = this.year * 12 + this.month - 1 + months;
    const year = Math.floor(count / 12);
    const month = count - year * 12 + 1;
    return new LocalDate(year, month, Math.min(this.day || 1, LocalDate.daysInMonth(year, month)));
  }
  minusMonths(months) {
    return this.plusMonths(-months);
  }
  toString() {
    const month = `${String(this.year).padStart(4, "0")}-${two(this.month)}`;
    return this.day == null ? month : `${month}-${two(this.day)}`;
  }
  toJSON() {
    return this.toString();
  }
  toLocaleString() {
    const month = `${two(this.month)}/${String(this.year).padStart(4, "0")}`;
    return this.day == null ? month : `${two(this.day)}/${month}`;
  }

  static isLeapYear(year) {
    return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  }
  static daysInMonth(year, month) {
    return DAYS[month - 1] + (month === 2 && LocalDate.isLeapYear(year) ? 1 : 0);
  }
  /** ISO, or the day first; a month alone too. */
  static parse(text, validate = true) {
    if (text == null) return null;
    if (text instanceof LocalDate) return text;
    let parts = String(text).split(/[-/]/);
    if (parts.length === 2) parts = parts[0].length > parts[1].length ? [...parts, "00"] : ["00", ...parts];
    if (parts.length !== 3) throw new Error(`Date '${text}' is malformed`);
    if (parts[0].length < 4 && parts[2].length < 4) throw new Error(`Date '${text}' is ambiguous`);
    if (parts[2].length >= 4) parts.reverse();
    const [year, month, day] = parts.map((part) => parseInt(part, 10));
    if ([year, month, day].some(Number.isNaN)) throw new Error(`Date '${text}' is malformed`);
    const date = new LocalDate(year, month, day || null);
    if (validate && !date.isValid()) throw new Error(`Date '${text}' is invalid`);
    return date;
  }
  static fromJulianDays(days) {
    const since = new Date((days - 2440588) * 86400000);
    return new LocalDate(since.getUTCFullYear(), since.getUTCMonth() + 1, since.getUTCDate());
  }
  static today() {
    const now = new Date();
    return new LocalDate(now.getFullYear(), now.getMonth() + 1, now.getDate());
  }
}

/** A time of day. */
export class LocalTime {
  constructor(hour = 0, minute = 0, second = 0) {
    this.hour = hour;
    this.minute = minute;
    this.second = second;
  }
  clone() {
    return new LocalTime(this.hour, this.minute, this.second);
  }
  isZero() {
    return !this.hour && !this.minute && !this.second;
  }
  isValid() {
    const within = (value, most) => value != null && value >= 0 && value <= most;
    return within(this.hour, 23) && within(this.minute, 59) && within(this.second, 59);
  }
  equals(other) {
    return +this === +other;
  }
  toDaySeconds() {
    return this.hour * 3600 + this.minute * 60 + this.second;
  }
  valueOf() {
    return this.toDaySeconds();
  }
  diff(other) {
    return this.toDaySeconds() - other.toDaySeconds();
  }
  toString() {
    return `${two(this.hour)}:${two(this.minute)}:${two(this.second)}`;
  }
  toJSON() {
    return this.toString();
  }
  toLocaleString() {
    return this.toString();
  }

  static parse(text, validate = true) {
    if (text == null) return null;
    if (text instanceof LocalTime) return text;
    const found = /^(\d{2})[h:](\d{2})(?:m?|[m:](?:(\d{2})s?)?)$/.exec(String(text));
    if (!found) throw new Error(`Time '${text}' is malformed`);
    const time = new LocalTime(Number(found[1]), Number(found[2]), Number(found[3] ?? 0));
    if (validate && !time.isValid()) throw new Error(`Time '${text}' is invalid`);
    return time;
  }
  static fromDaySeconds(seconds) {
    const whole = Math.floor(seconds);
    return new LocalTime(Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60);
  }
  static now() {
    const now = new Date();
    return new LocalTime(now.getHours(), now.getMinutes(), now.getSeconds());
  }
}
