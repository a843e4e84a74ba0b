// Draws a Vega-Lite specification under a Content Security Policy without eval: expressions are interpreted, the picture
// is SVG, the tooltip is our own, and nothing is ever fetched.
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";
import { parse, View } from "vega";

const LOCALES = {
  fr: {
    number: { decimal: ",", thousands: "\u202f", grouping: [3], currency: ["", "\u00a0€"], percent: "\u00a0%" },
    time: {
      dateTime: "%A %e %B %Y à %X",
      date: "%d/%m/%Y",
      time: "%H:%M:%S",
      periods: ["AM", "PM"],
      days: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
      shortDays: ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
      months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
      shortMonths: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    },
  },
};
const PRINTED = { ink: "#211e1a", soft: "#4d473f", line: "#ded8cf", ground: "#ffffff" };
const locale = () => LOCALES[document.documentElement.lang.slice(0, 2)];
const sealed = { load: () => Promise.reject(new Error("charts load nothing")), sanitize: () => Promise.reject(new Error("charts link nowhere")) };

/** The colours of the page as it is now, light or dark. */
function look() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink"),
    soft: token("ink-soft"),
    line: token("line"),
    ground: token("surface"),
    series: [1, 2, 3, 4, 5, 6, 7].map((number) => token(`chart-${number}`)),
  };
}

/** What the page decides: type, and colours that can be read on its ground. */
function theme(colours) {
  const font = '"Source Sans 3", "Segoe UI", Arial, sans-serif';
  const text = { labelFont: font, titleFont: font, labelColor: colours.soft, titleColor: colours.ink, labelFontSize: 13, titleFontSize: 13, titleFontWeight: 600 };
  return {
    font,
    background: "transparent",
    view: { stroke: null },
    axis: { ...text, titlePadding: 10, domainColor: colours.line, gridColor: colours.line, tickColor: colours.line, labelPadding: 6 },
    legend: { ...text, symbolType: "square" },
    title: { font, color: colours.ink, fontSize: 16, fontWeight: 600, anchor: "start", offset: 14 },
    text: { font, fontSize: 13, color: colours.ink },
    style: { whisker: { color: colours.soft }, middle: { color: colours.ground } },
    ...(colours.series ? { mark: { color: colours.series[0] } } : {}),
  };
}

function viewOf(specification, colours, options) {
  const range = { ...specification.config.range, ...(colours.series ? { category: colours.series } : {}) };
  const config = { ...specification.config, ...theme(colours), range };
  const runtime = parse(compile({ ...specification, config }).spec, null, { ast: true });
  return new View(runtime, { expr: expressionInterpreter, loader: sealed, logLevel: 1, locale: locale(), ...options });
}

const SPACE = 24;
const LETTER = 8;

/** Names that don't fit side by side stand slanted. */
function fitted(specification, width) {
  const { x } = specification.encoding;
  if (x?.axis?.labelAngle !== 0) return specification;
  const room = (width - 90) / x.sort.length;
  if (x.sort.every((name) => name.length * LETTER < room)) return specification;
  const axis = { ...x.axis, labelAngle: -40, labelLimit: 140 };
  return { ...specification, encoding: { ...specification.encoding, x: { ...x, axis } } };
}

/** Draws into an element. Gives what takes the drawing away again. */
export async function draw(specification, element, tip) {
  const width = Math.max(240, element.clientWidth - SPACE);
  const view = viewOf({ ...fitted(specification, width), width }, look(), {
    renderer: "svg",
    container: element,
    hover: true,
    tooltip: (_handler, event, _item, value) => tip(event, value),
  });
  await view.runAsync();
  return () => view.finalize();
}

/** The drawing as a file, in print colours whatever the page looks like, with its title. */
export async function file(specification, kind) {
  const titled = { ...specification, width: 960, title: specification.description, background: PRINTED.ground, padding: 20 };
  const view = viewOf(titled, PRINTED, { renderer: "none" });
  await view.runAsync();
  try {
    if (kind === "svg") return new Blob([await view.toSVG()], { type: "image/svg+xml" });
    const canvas = await view.toCanvas(2);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    view.finalize();
  }
}
