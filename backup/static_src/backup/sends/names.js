// Names of files as a download may bear them.
/** A name that is no path and turns no line around. @param {string} name */
export const safe = (name) =>
  name.replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff/\\:*?"<>|]/gu, "_").replace(/^[.\s]+/, "_").slice(0, 200) || "file";
