// A plot as a file: the wide drawing with its title, in the colours of print whatever the page looks like.
const INK = "#211e1a";
const SERIES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];
const FONT = "Source Sans 3, Segoe UI, Arial, sans-serif";
const HEAD = 44;
const SCALE = 2;
const SVG = "http://www.w3.org/2000/svg";

/** What the style sheet says of each part, said by the part itself. */
const LOOKS = {
  "plot-grid": { stroke: "#ded8cf" },
  "plot-tick": { fill: "#4d473f", "font-size": 13 },
  "plot-unit": { fill: "#4d473f", "font-size": 13 },
  "plot-label": { fill: INK, "font-size": 14, "font-weight": 600 },
  "plot-bar": { fill: SERIES[0] },
  "plot-curve": { fill: "none", "stroke-width": 2 },
  "plot-dashed": { "stroke-dasharray": "6 3" },
};

function look(part, name) {
  const number = /^plot-(\d)$/.exec(name)?.[1];
  if (number) return { [part.localName === "circle" ? "fill" : "stroke"]: SERIES[number - 1] };
  return LOOKS[name] ?? {};
}

function element(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** The drawing alone: no style sheet, no class, nothing that it needs from the page. */
function printed(drawing, title) {
  const copy = drawing.cloneNode(true);
  const { width, height } = drawing.viewBox.baseVal;
  for (const part of copy.querySelectorAll("[class]")) {
    for (const name of part.classList)
      for (const [key, value] of Object.entries(look(part, name))) part.setAttribute(key, value);
    part.removeAttribute("class");
  }
  for (const name of ["class", "role", "aria-labelledby"]) copy.removeAttribute(name);
  const box = { x: -20, y: -HEAD, width: width + 40, height: height + HEAD + 20 };
  const size = { width: box.width, height: box.height, viewBox: Object.values(box).join(" "), "font-family": FONT };
  for (const [key, value] of Object.entries(size)) copy.setAttribute(key, value);
  copy.prepend(
    element("title", {}, title),
    element("rect", { ...box, fill: "#ffffff" }),
    element("text", { x: 0, y: -16, fill: INK, "font-size": 18, "font-weight": 600 }, title),
  );
  return { text: new XMLSerializer().serializeToString(copy), ...box };
}

async function png({ text, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

class PlotFiles extends HTMLElement {
  connectedCallback() {
    this.querySelector(".plot-keep").hidden = false;
    this.addEventListener("click", ({ target }) => this.keep(target.closest("[data-kind]")?.dataset.kind));
  }

  async keep(kind) {
    if (!kind) return;
    const drawing = printed(this.querySelector(".plot-wide"), this.dataset.title);
    const file = kind === "png" ? await png(drawing) : new Blob([drawing.text], { type: "image/svg+xml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${this.dataset.name}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

customElements.define("plot-files", PlotFiles);
