// What only this browser knows: the keys of links, and how to go on with what was begun. Another person's is taken away.
import { reader } from "../../../../core/web/static_src/web/page.js";

const NAME = "backup.sealed";
const OWNER = `${NAME}.reader`;

function all() {
  if (reader() && localStorage.getItem(OWNER) !== reader()) {
    localStorage.removeItem(NAME);
    localStorage.setItem(OWNER, reader());
  }
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}

export const known = (link) => all()[link] ?? null;

/** Adds to what is known of a link. */
export function keep(link, more) {
  const kept = all();
  kept[link] = { ...kept[link], ...more };
  localStorage.setItem(NAME, JSON.stringify(kept));
}

export function forget(link) {
  const kept = all();
  delete kept[link];
  localStorage.setItem(NAME, JSON.stringify(kept));
}
