// html`…` of a page script: never markup for our pages, but blocks of text with a little structure.

const BLOCKS = new Set("p div section article ul ol table tbody thead tr dl dt dd blockquote pre fieldset header footer".split(" "));
const KINDS = { li: "item", tr: "row", h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading" };
const MARKS = { b: "strong", strong: "strong", i: "emphasis", em: "emphasis", u: "underline" };
const UNREAD = new Set(["style", "script", "svg", "template", "iframe", "object"]);
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", eacute: "é", egrave: "è", agrave: "à", ccedil: "ç", le: "≤", ge: "≥", deg: "°", plusmn: "±", times: "×" };
const TOKEN = /<!--[^]*?-->|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|[^<]+|</g;
const ATTRIBUTE = /([^\s=/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?/g;

/** What a template literal gives: its pieces, read when somebody asks for its text. */
export class Markup {
  constructor(strings, values) {
    this.strings = [...strings];
    this.values = values;
  }
  toString() {
    return textOf(this);
  }
}

export const html = (strings, ...values) => new Markup(Array.isArray(strings) ? strings : [String(strings ?? "")], values);
export const svg = () => new Markup([""], []);

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

function flat(value) {
  if (value instanceof Markup) return value.strings.map((piece, i) => piece + (i < value.values.length ? flat(value.values[i]) : "")).join("");
  if (value == null || value === false || typeof value === "function" || typeof value === "symbol") return "";
  if (typeof value === "object" && typeof value[Symbol.iterator] === "function") return [...value].map(flat).join("");
  return escape(String(value));
}

const decode = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-zA-Z]+));/g, (whole, decimal, hexadecimal, name) => {
    const code = decimal ? parseInt(decimal, 10) : hexadecimal ? parseInt(hexadecimal, 16) : null;
    if (code !== null) return code < 0x110000 ? String.fromCodePoint(code) : "";
    return ENTITIES[name] ?? whole;
  });

function attributes(text) {
  const found = {};
  for (const [, name, value] of text.matchAll(ATTRIBUTE)) found[name.toLowerCase()] = decode((value ?? "").replace(/^["']|["']$/g, ""));
  return found;
}

/** Blocks {kind, spans} or {kind: "image", source, alt}, and the names of the elements that were left out. */
export function blocksOf(content, filesUrl = "") {
  if (content == null) return { blocks: [], left: [] };
  const blocks = [];
  const left = new Set();
  const marks = [];
  let current = null;
  let unread = null;
  const open = (kind) => {
    current = { kind, spans: [] };
    blocks.push(current);
  };
  const say = (text) => {
    const shown = text.replace(/[ \t\r\n]+/g, " ");
    if (!current) {
      if (!shown.trim()) return;
      open("paragraph");
    }
    const span = { text: current.spans.length ? shown : shown.trimStart() };
    if (!span.text) return;
    for (const mark of marks) span[mark] = true;
    current.spans.push(span);
  };
  for (const [token, closing, name, inside] of flat(content).matchAll(TOKEN)) {
    const tag = name?.toLowerCase();
    if (unread) {
      if (closing && tag === unread) unread = null;
      continue;
    }
    if (!tag) {
      if (!token.startsWith("<!--")) say(decode(token));
      continue;
    }
    if (UNREAD.has(tag)) {
      left.add(tag);
      if (!closing && !/\/\s*$/.test(inside)) unread = tag;
    } else if (tag === "br") {
      if (current) open(current.kind);
    } else if (tag === "img") {
      const { src = "", alt = "" } = attributes(inside);
      const own = filesUrl && src.startsWith(filesUrl);
      if (own) blocks.push({ kind: "image", source: src.slice(filesUrl.length), alt });
      else left.add("img");
      current = null;
    } else if (tag === "hr") {
      blocks.push({ kind: "rule", spans: [] });
      current = null;
    } else if (MARKS[tag]) {
      if (!closing) marks.push(MARKS[tag]);
      else if (marks.includes(MARKS[tag])) marks.splice(marks.lastIndexOf(MARKS[tag]), 1);
    } else if (KINDS[tag]) {
      current = null;
      if (!closing) open(KINDS[tag]);
    } else if (BLOCKS.has(tag)) current = null;
    else if (tag === "td" || tag === "th") say(closing ? " " : current?.spans.length ? "| " : "");
  }
  const kept = blocks.filter((block) => block.kind === "image" || block.kind === "rule" || block.spans.some((span) => span.text.trim()));
  return { blocks: kept, left: [...left] };
}

/** The bare text of what a script gives as a label or a help: a block per line. */
export function textOf(content) {
  if (content == null || content === false) return "";
  if (content instanceof Markup) {
    const lines = blocksOf(content).blocks.map((block) => (block.spans ?? []).map((span) => span.text).join("").trim());
    return lines.filter(Boolean).join("\n");
  }
  if (Array.isArray(content)) return content.map(textOf).filter(Boolean).join("\n");
  return String(content).trim();
}
