// QR codes as SVG without any style, as a strict content security policy wants it.
import { encode } from "uqr";

const BORDER = 4;

/** @param {string} text @returns {string} an SVG element; the text itself isn't in it */
export function svg(text) {
  const { size, data } = encode(text, { ecc: "M", border: BORDER });
  const runs = [];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (!data[y][x]) continue;
      let width = 1;
      while (x + width < size && data[y][x + width]) width += 1;
      runs.push(`M${x} ${y}h${width}v1h-${width}z`);
      x += width;
    }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" class="qr" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${runs.join("")}"/></svg>`;
}
