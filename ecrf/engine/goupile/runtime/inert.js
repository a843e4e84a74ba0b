// What a script may name and the suite doesn't run: dialogs, the network, the page itself. Told, and nothing happens.

/** An object whose every member is inert too; `tell(name)` is called when the script calls or sets one. */
export function inert(name, tell, known = {}) {
  const quiet = { toString: () => "", valueOf: () => 0, toJSON: () => null, [Symbol.toPrimitive]: () => "" };
  return new Proxy(function () {}, {
    get(_, member) {
      if (Object.hasOwn(known, member)) return known[member];
      if (Object.hasOwn(quiet, member)) return quiet[member];
      if (typeof member === "symbol" || member === "then") return undefined;
      return inert(`${name}.${member}`, tell);
    },
    has: () => true,
    set(_, member) {
      tell(`${name}.${String(member)}`);
      return true;
    },
    apply() {
      tell(name);
      return undefined;
    },
    construct() {
      tell(name);
      return inert(name, tell);
    },
  });
}
