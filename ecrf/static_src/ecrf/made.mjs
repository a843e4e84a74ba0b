// The icon of the forms as an app of its own, drawn at the build: a sheet with ticked lines on the suite's green.
import { deflateSync } from "node:zlib";

const GREEN = [11, 79, 85];
const WHITE = [255, 255, 255];
const SHARPER = 4; // points per pixel and side

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#0b4f55"/><rect x="18" y="13" width="28" height="38" rx="3" fill="#fff"/><g fill="#0b4f55"><rect x="23" y="21" width="4" height="4" rx="1"/><rect x="23" y="30" width="4" height="4" rx="1"/><rect x="23" y="39" width="4" height="4" rx="1"/><rect x="30" y="21.5" width="11" height="3" rx="1"/><rect x="30" y="30.5" width="11" height="3" rx="1"/><rect x="30" y="39.5" width="7" height="3" rx="1"/></g></svg>\n`;
const SHEET = [18, 13, 28, 38];
const MARKS = [[23, 21, 4, 4], [23, 30, 4, 4], [23, 39, 4, 4], [30, 21.5, 11, 3], [30, 30.5, 11, 3], [30, 39.5, 7, 3]];

const inside = ([x, y, width, height], px, py) => px >= x && px < x + width && py >= y && py < y + height;
const isWhite = (x, y) => inside(SHEET, x, y) && !MARKS.some((mark) => inside(mark, x, y));

/** The same drawing as a PNG, for devices that take no SVG. */
function png(size) {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      let white = 0;
      for (let i = 0; i < SHARPER * SHARPER; i += 1) {
        const at = [x + (i % SHARPER) / SHARPER, y + Math.floor(i / SHARPER) / SHARPER].map((place) => (place / size) * 64);
        white += isWhite(...at);
      }
      const share = white / (SHARPER * SHARPER);
      const place = y * (size * 3 + 1) + 1 + x * 3;
      for (let band = 0; band < 3; band += 1) rows[place + band] = Math.round(GREEN[band] + (WHITE[band] - GREEN[band]) * share);
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const whole = Buffer.alloc(typed.length + 8);
  whole.writeUInt32BE(data.length, 0);
  typed.copy(whole, 4);
  whole.writeUInt32BE(crc(typed), typed.length + 4);
  return whole;
}

function crc(data) {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

export const files = () => [["ecrf-icon.svg", Buffer.from(svg)], ...[180, 192, 512].map((size) => [`ecrf-icon-${size}.png`, png(size)])];
