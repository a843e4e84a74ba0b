// What the browser of a backup says: kinds, times, rights, and what went wrong.
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { size, trouble as troubleOfSends } from "../sends/words.js";

const language = document.documentElement.lang;
const times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const numbers = new Intl.NumberFormat(language);

/** @param {number | undefined} milliseconds */
export const time = (milliseconds) => (milliseconds === undefined ? "" : times.format(milliseconds));
export const number = (value) => numbers.format(value);
/** A count in words: `%s` is the number. @param {(count: number) => string} words by the count, of ngettext */
export const count = (words, value) => interpolate(words(value), [number(value)]);
export const files = (value) => count((n) => ngettext("%s file", "%s files", n), value);

/** Of a node's type: its icon and its word. */
export function kind(type) {
  if (type === "f") return [icon("file"), gettext("File")];
  if (type === "d") return [icon("folder"), gettext("Folder")];
  if (type === "l") return [icon("link"), gettext("Link")];
  if (type === "c" || type === "b") return [icon("cpu"), gettext("Device")];
  return [icon("plug-connected"), gettext("Pipe or socket")];
}

/** As `ls` shows it: rw-r----- (640). @param {number} mode */
export function rights(mode) {
  const signs = Array.from({ length: 9 }, (_, at) => (mode & (1 << (8 - at)) ? "rwx"[at % 3] : "-")).join("");
  return `${signs} (${mode.toString(8)})`;
}

/** Of a path, what can be shown: nothing that would turn the line around. */
export const printable = (text) => text.replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, "\ufffd");

/** A snapshot in a list. */
export const title = ({ source, started }) => `${time(started)} · ${source}`;

export const sizeOf = (entry) => (entry?.size === undefined ? "" : size(entry.size));

/** What to call the things that snapshots note of files. */
export function noted(key) {
  const words = {
    title: gettext("Title"), dataset: gettext("Dataset"), version: gettext("Version"), name: gettext("Name"), kind: gettext("Kind"),
    "media type": gettext("Media type"), sensitivity: gettext("Sensitivity"),
  };
  return words[key] ?? key;
}

/** Why something was left out. */
export function cause({ kind: why }) {
  switch (why) {
    case "damaged":
      return gettext("damaged in the repository");
    case "missing":
      return gettext("gone from the repository");
    case "outside":
      return gettext("a link that leads elsewhere");
    case "link":
      return gettext("a link, which this way can’t bring back");
    case "special":
      return gettext("a device or pipe, which an archive can’t hold");
    case "unwritten":
      return gettext("this computer doesn’t take a file of this name");
  }
  return gettext("it couldn’t be read");
}

/** What went wrong, why, and what to do. */
export function trouble(error) {
  switch (error.kind) {
    case "passphrase-needed":
      return gettext("This key has a passphrase, and this isn’t it. Type it as it was chosen.");
    case "bad-keyfile":
      return gettext("This isn’t a whole keyfile. Choose the file you saved.");
    case "key-refused":
      return gettext("This key doesn’t open this repository: it belongs to another one, or it was replaced.");
    case "no-reader":
      return gettext("This key doesn’t read files. Choose the reader’s key, or the master key.");
    case "damaged":
      return gettext("What the server gave isn’t what was saved: it is damaged, or was changed. Nothing of it was kept. Have the repository checked.");
    case "missing":
      return gettext("What you ask for isn’t in the repository any more.");
    case "denied":
      return gettext("The portal gives you nothing of this repository to read: you may not restore from it.");
    case "unreachable":
      return gettext("The server can’t be reached. Check the network, then try again: the backup stays open.");
    case "too-large":
      return gettext("There is no room for so much, on this computer or in this browser. Take less at once, or use the program suite-backup.");
  }
  if (error.kind === "not-allowed" || error.name === "NotAllowedError")
    return gettext("The browser may not write into this folder. Choose another one, and allow it.");
  return troubleOfSends(error);
}
