// Sheets of paper: filled from the page's templates, and seen by the printer alone.
import { svg } from "../engine/keykeeping/qr.js";

/**
 * @typedef {{code: string, slots: Record<string, string>, without?: string[]}} Sheet `code`: what its QR code says; `slots`: what is
 *   written where; `without`: the parts that don't hold here
 */

/** Prints sheets, each a page of its own. @param {HTMLTemplateElement} template @param {Sheet[]} sheets */
export function print(template, sheets) {
  clear();
  const papers = document.createElement("div");
  papers.className = "papers";
  papers.append(...sheets.map((sheet) => filled(template, sheet)));
  document.body.append(papers);
  window.print();
}

/** Nothing is left to print. */
export const clear = () => document.querySelector("body > .papers")?.remove();

function filled(template, { code, slots, without = [] }) {
  const paper = template.content.firstElementChild.cloneNode(true);
  for (const slot of paper.querySelectorAll("[data-slot]")) slot.textContent = slots[slot.dataset.slot];
  for (const name of without) for (const part of paper.querySelectorAll(`[data-only="${name}"]`)) part.remove();
  paper.querySelector("[data-code]").append(drawn(code));
  return paper;
}

const drawn = (code) => document.importNode(new DOMParser().parseFromString(svg(code), "image/svg+xml").documentElement, true);
