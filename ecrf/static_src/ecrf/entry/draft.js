// What is typed and not yet saved stays in this tab, through a reload or the end of a session. Signing out empties it.
import { reader } from "../../../../core/web/static_src/web/page.js";

/** The page of a sheet, whichever of its pages is shown. */
function sheet() {
  const asked = new URLSearchParams(location.search);
  asked.delete("page");
  return asked.size ? `${location.pathname}?${asked}` : location.pathname;
}

const key = () => `ecrf:${reader()}:${sheet()}`;

/** Keep the edits and notes made on a revision. */
export function keep(base, edits, noted) {
  if (edits.size + noted.size === 0) forget();
  else sessionStorage.setItem(key(), JSON.stringify({ base, edits: [...edits], noted: [...noted], at: Date.now(), title: document.querySelector("h1")?.textContent.trim() }));
}

export function forget() {
  sessionStorage.removeItem(key());
}

/** The edits kept by this reader for this record, or null; those of somebody else before him in this tab are dropped. */
export function kept() {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("ecrf:") && !name.startsWith(`ecrf:${reader()}:`)) sessionStorage.removeItem(name);
  }
  const found = JSON.parse(sessionStorage.getItem(key()) ?? "null");
  return found && { base: found.base, edits: new Map(found.edits), noted: new Map(found.noted ?? []) };
}
