// Sizes, times and errors for people.
import { Away } from "./server.js";

const language = document.documentElement.lang;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function size(bytes) {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const options = { style: "unit", unit: UNITS[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language, options).format(bytes / 1000 ** step);
}

export function duration(seconds) {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.max(1, Math.round(value)));
}

/** What went wrong, why, and what to do. */
export function trouble(error) {
  if (error instanceof Away || error.kind === "unreachable")
    return gettext("The server can’t be reached. Check the network, then go on: nothing is lost.");
  if (error.status === 401) return gettext("Your session has ended. Load this page again and sign in: it goes on where it was.");
  if (error.name === "NotReadableError" || error.name === "NotFoundError")
    return gettext("The file can’t be read any more: it was moved, changed or locked by another program. Choose it again.");
  if (error.name === "QuotaExceededError") return gettext("There is no room left on this computer. Make some, then try again.");
  switch (error.kind) {
    case "passphrase-needed":
      return gettext("The passphrase is wrong, or the link was changed. Type it again as its sender told you.");
    case "bad-keyfile":
      return gettext("The link is cut or was changed: its part after # is the key. Copy the whole link once more.");
    case "damaged":
      return damaged(error);
    case "too-large":
      return gettext("This browser can’t save so large a file. Use a recent Chrome or Edge, or the program suite-backup.");
  }
  return error.message;
}

function damaged({ why = "" }) {
  if (why.startsWith("the file has changed")) return gettext("The file isn’t the one that was begun: it has changed since. Send it anew.");
  if (why.startsWith("the link is wrong")) return gettext("The link doesn’t open this file: it was changed, or the file was. Ask for a new link.");
  if (why === "is cut") return gettext("The file is cut: a part of it is missing. Nothing was saved; ask for it again.");
  return gettext("The file was changed on its way and isn’t what was sent. Nothing was saved; ask for it again.");
}
