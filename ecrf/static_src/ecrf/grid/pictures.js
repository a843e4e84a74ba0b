// A chart as a picture that says what it shows by itself, on white, in the colours of print; and the page on paper.
const LOOKS = {
  "accrual-line": { stroke: "#ded8cf" },
  "accrual-tick": { fill: "#4d473f", "font-size": 13 },
  "accrual-curve": { fill: "none", "stroke-width": 2.5 },
  "accrual-name": { "font-size": 14, "font-weight": 600 },
};
const COLOURS = { "is-included": "#0072b2", "is-target": "#d55e00" };
const ROOM = 44;

function drawn(svg, title) {
  const copy = svg.cloneNode(true);
  const { width, height } = svg.viewBox.baseVal;
  for (const part of copy.querySelectorAll("[class]")) {
    for (const name of part.classList) {
      for (const [attribute, value] of Object.entries(LOOKS[name] ?? {})) part.setAttribute(attribute, value);
      if (COLOURS[name]) part.setAttribute(part.localName === "polyline" ? "stroke" : "fill", COLOURS[name]);
    }
    if (part.classList.contains("is-target") && part.localName === "polyline") part.setAttribute("stroke-dasharray", "6 4");
    part.removeAttribute("class");
  }
  const head = document.createElementNS(svg.namespaceURI, "text");
  for (const [name, value] of Object.entries({ x: 0, y: -16, "font-size": 18, "font-weight": 600, fill: "#211e1a" })) head.setAttribute(name, value);
  head.textContent = title;
  const ground = document.createElementNS(svg.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ x: -20, y: -ROOM, width: width + 40, height: height + ROOM + 20, fill: "#ffffff" })) ground.setAttribute(name, value);
  copy.prepend(ground, head);
  copy.removeAttribute("class");
  copy.setAttribute("font-family", "Source Sans 3, Segoe UI, Arial, sans-serif");
  copy.setAttribute("viewBox", `-20 ${-ROOM} ${width + 40} ${height + ROOM + 20}`);
  copy.setAttribute("width", width + 40);
  copy.setAttribute("height", height + ROOM + 20);
  return { text: new XMLSerializer().serializeToString(copy), width: width + 40, height: height + ROOM + 20 };
}

async function png({ text, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

class PlotPicture extends HTMLElement {
  connectedCallback() {
    this.querySelector(".plot-keep").hidden = false;
    this.addEventListener("click", ({ target }) => this.#keep(target.closest("[data-kind]")?.dataset.kind));
  }

  async #keep(kind) {
    if (!kind) return;
    const picture = drawn(this.querySelector("svg.accrual-plot"), this.dataset.title);
    const file = kind === "png" ? await png(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${this.dataset.name}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

customElements.define("plot-picture", PlotPicture);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
