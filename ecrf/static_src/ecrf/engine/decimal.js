// Decimal numbers as forms count: 34 significant digits, halves rounded away from zero, never an infinity.
// A number is {c, e}: c (BigInt) times ten to the e. The twin of ecrf/engine/numbers.py; shared vectors keep them equal.

const DIGITS = 34;
const WIDE = 60;
const LARGEST_EXPONENT = 300;
const LARGEST_POWER = 1000;
const PLAIN = /^[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)$/;

const abs = (n) => (n < 0n ? -n : n);
const ten = (n) => 10n ** BigInt(n);
const length = (c) => (c === 0n ? 1 : abs(c).toString().length);
const adjusted = (x) => length(x.c) - 1 + x.e;
export const ZERO = { c: 0n, e: 0 };
export const ONE = { c: 1n, e: 0 };
export const fromInt = (n) => ({ c: BigInt(n), e: 0 });

/** Division of whole numbers, halves away from zero. */
function divideHalfUp(a, b) {
  const negative = a < 0n !== b < 0n;
  const [p, q] = [abs(a), abs(b)];
  const result = (2n * p + q) / (2n * q);
  return negative ? -result : result;
}

const floorDivide = (a, b) => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b);

function trim(x) {
  if (x.c === 0n) return ZERO;
  let { c, e } = x;
  while (c % 10n === 0n) {
    c /= 10n;
    e += 1;
  }
  return { c, e };
}

function fit(x, digits) {
  const excess = length(x.c) - digits;
  return trim(excess > 0 ? { c: divideHalfUp(x.c, ten(excess)), e: x.e + excess } : x);
}

function bounded(x) {
  const fitted = fit(x, DIGITS);
  if (fitted.c === 0n || adjusted(fitted) < -LARGEST_EXPONENT) return ZERO;
  return adjusted(fitted) > LARGEST_EXPONENT ? null : fitted;
}

function align(a, b) {
  const e = Math.min(a.e, b.e);
  return [a.c * ten(a.e - e), b.c * ten(b.e - e), e];
}

/** The number a plain numeral says, without exponent; null for anything else. */
export function parse(text) {
  if (text.length > 80 || !PLAIN.test(text)) return null;
  const [whole, part = ""] = text.replace(",", ".").replace("+", "").split(".");
  const digits = whole.replace("-", "") + part;
  const c = BigInt(digits === "" ? "0" : digits);
  if (length(c) > DIGITS) return null;
  return trim({ c: whole.startsWith("-") ? -c : c, e: -part.length });
}

/** The one spelling of a number: no exponent, no useless zero, no minus before zero. */
export function write(x) {
  const { c, e } = trim(x);
  if (c === 0n) return "0";
  const digits = abs(c).toString();
  const sign = c < 0n ? "-" : "";
  if (e >= 0) return sign + digits + "0".repeat(e);
  const padded = digits.padStart(1 - e, "0");
  return `${sign}${padded.slice(0, e)}.${padded.slice(e)}`;
}

export function compare(a, b) {
  const [p, q] = align(a, b);
  return p < q ? -1 : p > q ? 1 : 0;
}

export const negate = (x) => ({ c: -x.c, e: x.e });
export const absolute = (x) => ({ c: abs(x.c), e: x.e });

function sum(a, b, digits) {
  // Far apart, the smaller one can't change more than the last digit's direction: it becomes a mark behind the digits.
  if (a.c !== 0n && b.c !== 0n && Math.abs(adjusted(a) - adjusted(b)) > 2 * WIDE + 10) {
    const [big, small] = adjusted(a) > adjusted(b) ? [a, b] : [b, a];
    const e = Math.min(big.e, adjusted(big) - digits - 2) - 1;
    return fit({ c: big.c * ten(big.e - e) + (small.c < 0n ? -1n : 1n), e }, digits);
  }
  const [p, q, e] = align(a, b);
  return fit({ c: p + q, e }, digits);
}

function quotient(a, b, digits) {
  const shift = Math.max(0, digits + 3 + length(b.c) - length(a.c));
  const c = (abs(a.c) * ten(shift)) / abs(b.c);
  // A trailing 1 says that something was left, so that a false half is not rounded up or down wrongly.
  const rest = (abs(a.c) * ten(shift)) % abs(b.c) === 0n ? 0n : 1n;
  const signed = (c * 10n + rest) * (a.c < 0n !== b.c < 0n ? -1n : 1n);
  return fit({ c: signed, e: a.e - b.e - shift - 1 }, digits);
}

export const add = (a, b) => bounded(sum(a, b, DIGITS));
export const subtract = (a, b) => add(a, negate(b));
export const multiply = (a, b) => bounded({ c: a.c * b.c, e: a.e + b.e });
export const divide = (a, b) => (b.c === 0n ? null : bounded(quotient(a, b, DIGITS)));

export function modulo(a, b) {
  if (b.c === 0n || (a.c !== 0n && adjusted(a) - adjusted(b) > DIGITS)) return null;
  const [p, q, e] = align(a, b);
  return bounded({ c: p - floorDivide(p, q) * q, e });
}

const isWhole = (x) => trim(x).e >= 0;
const toNumber = (x) => Number(write(x));

export function power(base, exponent) {
  if (isWhole(exponent)) {
    return compare(absolute(exponent), fromInt(LARGEST_POWER)) <= 0 ? wholePower(base, toNumber(exponent)) : null;
  }
  if (base.c <= 0n) return base.c === 0n && exponent.c > 0n ? ZERO : null;
  return exponentialOf(fit(product(exponent, ln(base)), WIDE));
}

const product = (a, b) => ({ c: a.c * b.c, e: a.e + b.e });

function wholePower(base, exponent) {
  let result = ONE;
  let square = base;
  let left = Math.abs(exponent);
  while (left) {
    if (square === null || result === null) return null;
    if (left & 1) result = multiply(result, square);
    left >>= 1;
    if (left) square = multiply(square, square);
  }
  return exponent >= 0 || result === null ? result : divide(ONE, result);
}

export function squareRoot(x) {
  if (x.c < 0n) return null;
  if (x.c === 0n) return ZERO;
  let shift = Math.max(0, 2 * (DIGITS + 2) - length(x.c));
  if ((x.e - shift) % 2 !== 0) shift += 1;
  const n = x.c * ten(shift);
  const root = wholeRoot(n);
  const rest = root * root === n ? 0n : 1n;
  return bounded({ c: root * 10n + rest, e: (x.e - shift) / 2 - 1 });
}

function wholeRoot(n) {
  let x = ten(Math.ceil(n.toString().length / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

// Logarithm and exponential in fixed point, 90 digits behind the point: far more than the 60 that are kept.
const POINT = 90;
const UNIT = ten(POINT);

/** ln(m) for m in fixed point, through artanh((m-1)/(m+1)). */
function fixedLn(m) {
  const z = ((m - UNIT) * UNIT) / (m + UNIT);
  const square = (z * z) / UNIT;
  let term = z;
  let result = 0n;
  for (let n = 1n; term !== 0n; n += 2n) {
    result += term / n;
    term = (term * square) / UNIT;
  }
  return 2n * result;
}

const LN10 = fixedLn(10n * UNIT / 8n) + 3n * fixedLn(2n * UNIT);

function ln(x) {
  // x = m * 10^k with m in [0.316, 3.16[
  let k = adjusted(x);
  const scaled = (e) => (x.e - e + POINT >= 0 ? x.c * ten(x.e - e + POINT) : x.c / ten(-(x.e - e + POINT)));
  let m = scaled(k);
  if (m * m > 10n * UNIT * UNIT) {
    k += 1;
    m = scaled(k);
  }
  return fit({ c: fixedLn(m) + BigInt(k) * LN10, e: -POINT }, WIDE);
}

function exponentialOf(x) {
  if (compare(absolute(x), fromInt(2 * LARGEST_POWER)) > 0) return null;
  const fixed = x.e + POINT >= 0 ? x.c * ten(x.e + POINT) : divideHalfUp(x.c, ten(-(x.e + POINT)));
  const k = floorDivide(fixed, LN10);
  const rest = (fixed - k * LN10) >> 8n; // halved eight times, squared back below
  let term = UNIT;
  let result = 0n;
  for (let n = 1n; term !== 0n; n += 1n) {
    result += term;
    term = (term * rest) / UNIT / n;
  }
  for (let i = 0; i < 8; i += 1) result = (result * result) / UNIT;
  return bounded({ c: result, e: -POINT + Number(k) });
}

export const exponential = (x) => exponentialOf(x);

export function logarithm(x, base = null) {
  if (x.c <= 0n || (base !== null && (base.c <= 0n || compare(base, ONE) === 0))) return null;
  return bounded(base === null ? ln(x) : quotient(ln(x), ln(base), WIDE));
}

const ROUND = {
  round: divideHalfUp,
  floor: floorDivide,
  ceil: (a, b) => -floorDivide(-a, b),
};

export function rounded(x, digits, how) {
  if (!isWhole(digits) || compare(absolute(digits), fromInt(30)) > 0) return null;
  const shift = -toNumber(digits) - x.e;
  return bounded(shift <= 0 ? x : { c: ROUND[how](x.c, ten(shift)), e: x.e + shift });
}

export function total(numbers) {
  return numbers.reduce((result, x) => (result === null ? null : add(result, x)), ZERO);
}

export function mean(numbers) {
  const whole = total(numbers);
  return whole === null ? null : divide(whole, fromInt(numbers.length));
}

export function median(numbers) {
  const ordered = [...numbers].sort(compare);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : mean(ordered.slice(middle - 1, middle + 1));
}

export function deviation(numbers) {
  const centre = numbers.length > 1 ? mean(numbers) : null;
  if (centre === null) return null;
  const squares = [];
  for (const x of numbers) {
    const distance = subtract(x, centre);
    const square = distance === null ? null : multiply(distance, distance);
    if (square === null) return null;
    squares.push(square);
  }
  const spread = total(squares);
  const variance = spread === null ? null : divide(spread, fromInt(numbers.length - 1));
  return variance === null ? null : squareRoot(variance);
}
