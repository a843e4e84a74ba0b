// What is known of one entry, beside the list; a small file is shown in it.
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { button } from "./rows.js";
import { kind, noted, printable, rights, sizeOf, time, title } from "./words.js";

/** Of a file that is shown. */
const LARGEST = 1024 * 1024;
const LONGEST = 200;
const IMAGES = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46]],
];

export class Panel {
  #shown = null;

  constructor(browser) {
    this.browser = browser;
    this.box = browser.part("panel");
    browser.part("panel-close").addEventListener("click", () => this.close({ back: true }));
    this.box.addEventListener("keydown", ({ key }) => key === "Escape" && this.close({ back: true }));
  }

  /** @param {object} entry of a list or a search, with its `path` */
  show(entry) {
    const snapshot = this.browser.current;
    const acts = [];
    if (entry.type === "f") {
      acts.push(this.#download(snapshot, entry, gettext("Download"), "btn-primary"));
      if (entry.size <= LARGEST) acts.push(button(gettext("Show it here"), () => void this.#preview(snapshot, entry), { symbol: icon("eye") }));
    } else if (entry.type === "d") {
      const take = () => void this.browser.takings.zip({ snapshot, paths: [entry.path], name: entry.shown });
      acts.push(button(gettext("Download as zip"), take, { look: "btn-primary", symbol: icon("download") }));
    }
    const above = entry.path.slice(0, Math.max(entry.path.lastIndexOf("/"), 0));
    const facts = [
      [gettext("Folder"), printable(above) || "/"],
      [gettext("Kind"), kind(entry.type)[1]],
      [gettext("Size"), sizeOf(entry)],
      [gettext("Modified"), time(entry.modified)],
      [gettext("Leads to"), entry.target],
      [gettext("Owner"), entry.owner],
      [gettext("Rights"), rights(entry.mode)],
      ...Object.entries(entry.about ?? {}).map(([key, value]) => [noted(key), short(printable(String(value)))]),
    ];
    this.#open(entry.shown, facts, acts);
  }

  /** What changed of one path, with both versions to take. */
  change(change, before, after) {
    const { path } = change;
    const name = printable(path.slice(path.lastIndexOf("/") + 1));
    const acts = [];
    const version = (entry, snapshot) => entry?.type === "f" && acts.push(this.#download(snapshot, { ...entry, path, shown: name }, interpolate(gettext("Download the version of %s"), [time(snapshot.started)])));
    version(change.before, before);
    version(change.after, after);
    const told = (entry) => entry && [kind(entry.type)[1], sizeOf(entry), time(entry.modified)].filter(Boolean).join(" · ");
    this.#open(name, [
      [gettext("Path"), change.shown],
      [title(before), told(change.before) ?? gettext("not there")],
      [title(after), told(change.after) ?? gettext("not there")],
    ], acts);
  }

  close({ back = false } = {}) {
    this.#shown = null;
    this.box.hidden = true;
    for (const name of ["panel-title", "panel-facts", "panel-acts", "preview"]) this.browser.part(name).replaceChildren();
    if (back) this.back?.focus();
  }

  #open(name, facts, acts) {
    this.#shown = {};
    if (!this.box.contains(document.activeElement)) this.back = document.activeElement;
    this.browser.say("panel-title", name);
    const rows = facts.filter(([, value]) => value).flatMap(([word, value]) => [
      Object.assign(document.createElement("dt"), { textContent: word }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    ]);
    this.browser.part("panel-facts").replaceChildren(...rows);
    this.browser.part("panel-acts").replaceChildren(...acts);
    this.browser.part("preview").replaceChildren();
    this.box.hidden = false;
    (acts[0] ?? this.box).focus();
  }

  #download(snapshot, entry, word, look = "") {
    return button(word, () => void this.browser.takings.file({ snapshot, entry }), { look, symbol: icon("download") });
  }

  /** Text as text, and what is an image by its first bytes; nothing else. Whatever is shown was taken out. */
  async #preview(snapshot, entry) {
    const place = this.browser.part("preview");
    const shown = this.#shown;
    const { engine, takings } = this.browser;
    place.textContent = gettext("Reading…");
    try {
      const { stream } = await engine.stream("file", { snapshot: snapshot.id, path: entry.path });
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      await takings.count({ files: 1, bytes: bytes.length });
      if (this.#shown !== shown) return;
      place.replaceChildren(await drawn(bytes, entry.shown));
      place.focus();
    } catch (error) {
      if (this.#shown !== shown) return;
      place.replaceChildren();
      this.browser.fail(error);
    }
  }
}

const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

async function drawn(bytes, name) {
  const type = IMAGES.find(([, start]) => start.every((byte, at) => bytes[at] === byte))?.[0];
  if (type) {
    const reader = new FileReader();
    const read = new Promise((resolve, reject) => Object.assign(reader, { onload: resolve, onerror: () => reject(reader.error) }));
    reader.readAsDataURL(new Blob([bytes], { type }));
    await read;
    return Object.assign(document.createElement("img"), { className: "files-image", src: reader.result, alt: name });
  }
  const text = readable(bytes);
  if (text === null) return Object.assign(document.createElement("p"), { textContent: gettext("It is neither text nor an image that can be shown here: download it.") });
  return Object.assign(document.createElement("pre"), { className: "files-text", textContent: text, tabIndex: 0 });
}

/** The text that these bytes are, or null. */
function readable(bytes) {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
