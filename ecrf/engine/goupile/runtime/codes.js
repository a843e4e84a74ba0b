// Choices, and the code under which the suite keeps each: text of letters, digits, dots and hyphens.

/** Choices as scripts write them: [code, label] pairs, "code:::label", bare texts and numbers, {value, label}. */
export function readChoices(given) {
  const choices = [];
  for (const choice of Array.isArray(given) ? given : Array.from(given ?? [])) {
    if (choice == null) continue;
    if (Array.isArray(choice)) choices.push({ value: choice[0], label: choice[1] || choice[0] });
    else if (typeof choice === "string" && choice.includes(":::")) {
      const at = choice.indexOf(":::");
      choices.push({ value: choice.slice(0, at), label: choice.slice(at + 3) || choice.slice(0, at) });
    } else if (typeof choice === "object") choices.push(choice);
    else choices.push({ value: choice, label: choice });
  }
  return choices;
}

/** A code for each value, in order: its own spelling where that is one, else made from it; never twice the same. */
export function codesOf(values) {
  const taken = new Set();
  return values.map((value) => {
    let code = value == null ? "none" : String(value).replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 90) || "_";
    for (let count = 2, start = code; taken.has(code); count++) code = `${start}.${count}`;
    taken.add(code);
    return code;
  });
}
