// The pages of the file: zoomed, turned, moved about; and the words drawn over them, coloured by what was read.
const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const FAINT = 0.6; // a word that the reader of the page was less sure of is drawn broken
const AIR = 0.12; // of a letter's height, between a word and its box
const KEPT = "rx-zoom";

export class Viewer {
  constructor(review) {
    this.review = review;
    this.frame = review.querySelector(".rx-pages");
    this.sheets = [...review.querySelectorAll(".rx-page")];
    this.turned = 0;
    this.boxes = this.sheets.flatMap((sheet) => this.draw(sheet));
    this.zoom = Number(localStorage.getItem(KEPT)) || 1;
    this.lay();
    review.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-view]");
      if (button) this.do(button.dataset.view);
    });
    this.frame.addEventListener("scroll", () => this.count(), { passive: true });
    this.frame.addEventListener("pointerdown", (event) => this.grab(event));
  }

  /** One rectangle a word, in fractions of the page. */
  draw(sheet) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 1 1");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const ratio = Number(sheet.dataset.ratio);
    const boxes = JSON.parse(sheet.dataset.words).map(([start, end, left, top, right, bottom, sure]) => {
      const box = document.createElementNS(SVG, "rect");
      const along = Math.min(bottom - top, (right - left) * ratio) * AIR; // on a page that lies, words stand
      const across = along / ratio; // as much air at the sides as above
      const place = { x: left - across, y: top - along, width: right - left + 2 * across, height: bottom - top + 2 * along };
      for (const [name, value] of Object.entries(place)) box.setAttribute(name, value);
      box.dataset.start = start;
      box.dataset.end = end;
      box.dataset.faint = sure < FAINT ? "yes" : "";
      svg.append(box);
      return box;
    });
    sheet.querySelector(".rx-sheet").append(svg);
    this.wait(sheet);
    return boxes;
  }

  /** Words stand over a page until it is there, or where it can't be. */
  wait(sheet) {
    const image = sheet.querySelector("img");
    const tell = () => {
      sheet.querySelector("[data-drawing]").hidden = image.complete;
      sheet.querySelector("[data-failed]").hidden = !image.complete || image.naturalWidth > 0;
    };
    image.addEventListener("load", tell);
    image.addEventListener("error", tell);
    tell();
  }

  /** Each word takes the colour of the mark that stands on it in the text. */
  colour(marks) {
    const places = marks.map((mark) => [Number(mark.dataset.start), Number(mark.dataset.end), mark]);
    for (const box of this.boxes) {
      const start = Number(box.dataset.start);
      const end = Number(box.dataset.end);
      const mark = places.find(([from, to]) => from < end && start < to)?.[2];
      const kind = mark ? ` rx-${mark.dataset.kind}${mark.matches(".is-unsure") ? " is-unsure" : ""}` : "";
      box.setAttribute("class", `rx-box${kind}${box.dataset.faint ? " is-faint" : ""}`);
    }
  }

  light(spans, scroll) {
    let first = null;
    for (const box of this.boxes) {
      const on = spans.some(([start, end]) => start < Number(box.dataset.end) && Number(box.dataset.start) < end);
      box.classList.toggle("is-lit", on);
      if (on) first ??= box;
    }
    if (first && scroll) this.show(first);
  }

  /** Words chosen on the page, of which a line may be made. */
  choose({ start, end }) {
    for (const box of this.boxes)
      box.classList.toggle("is-chosen", start < Number(box.dataset.end) && Number(box.dataset.start) < end);
  }

  /** Move the page so that a box is seen, and no further than that takes. */
  show(box) {
    const frame = this.frame.getBoundingClientRect();
    const place = box.getBoundingClientRect();
    const margin = 48;
    if (place.top < frame.top + margin) this.frame.scrollTop -= frame.top + margin - place.top;
    else if (place.bottom > frame.bottom - margin) this.frame.scrollTop += place.bottom - frame.bottom + margin;
    if (place.left < frame.left) this.frame.scrollLeft -= frame.left + margin - place.left;
    else if (place.right > frame.right) this.frame.scrollLeft += place.right - frame.right + margin;
  }

  do(name) {
    if (name === "text") return this.text();
    if (name === "before" || name === "after") return this.go(name === "after" ? 1 : -1);
    if (name === "turn") this.turned = (this.turned + 90) % 360;
    else if (name === "fit") this.zoom = 1;
    else if (name === "larger") this.zoom = STEPS.find((step) => step > this.zoom) ?? this.zoom;
    else this.zoom = STEPS.findLast((step) => step < this.zoom) ?? this.zoom;
    localStorage.setItem(KEPT, this.zoom);
    this.lay();
  }

  lay() {
    for (const sheet of this.sheets) {
      const turned = this.turned + Number(sheet.dataset.turned); // as it was read, and as one wants it besides
      const across = turned % 180 !== 0;
      const ratio = Number(sheet.dataset.ratio);
      sheet.style.width = `${this.zoom * 100}%`;
      sheet.style.aspectRatio = across ? 1 / ratio : ratio;
      const inner = sheet.querySelector(".rx-sheet");
      inner.style.width = across ? `${ratio * 100}%` : "100%";
      inner.style.aspectRatio = ratio;
      inner.style.transform = `translate(-50%, -50%) rotate(${turned}deg)`;
    }
    this.review.querySelector("[data-zoom]").textContent = `${Math.round(this.zoom * 100)} %`;
    this.frame.classList.toggle("is-larger", this.zoom > 1);
  }

  text() {
    const on = this.review.classList.toggle("shows-text");
    this.review.querySelector("[data-view=text]").setAttribute("aria-pressed", on);
  }

  get at() {
    const middle = this.frame.getBoundingClientRect().top + this.frame.clientHeight / 2;
    return Math.max(0, this.sheets.findLastIndex((sheet) => sheet.getBoundingClientRect().top <= middle));
  }

  go(step) {
    this.sheets[this.at + step]?.scrollIntoView({ block: "start" });
  }

  count() {
    const shown = this.review.querySelector("[data-page-number]");
    if (shown) shown.textContent = `${this.at + 1}/${this.sheets.length}`;
  }

  /** Move a large page about with the mouse; fingers scroll it by themselves. */
  grab(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest(".rx-box")) return;
    const { scrollLeft, scrollTop } = this.frame;
    const move = ({ clientX, clientY }) => {
      this.frame.scrollLeft = scrollLeft - (clientX - event.clientX);
      this.frame.scrollTop = scrollTop - (clientY - event.clientY);
    };
    this.frame.setPointerCapture(event.pointerId);
    this.frame.addEventListener("pointermove", move);
    this.frame.addEventListener("lostpointercapture", () => this.frame.removeEventListener("pointermove", move), {
      once: true,
    });
  }
}
