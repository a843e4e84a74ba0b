// The way through a questionnaire: one step per page, or one per question.
import { split } from "../entry/rows.js";

/** The steps of the pages that are shown now: {page, keys}; no keys where the whole page is one step. */
export function stepsOf(form, byQuestion) {
  const found = [];
  for (const page of form.pages()) {
    if (!byQuestion) {
      found.push({ page, keys: null });
      continue;
    }
    for (const shown of form.shownGroups(page)) {
      const whole = shown.rows || shown.group.matrix || shown.group.columns;
      if (whole) found.push({ page, keys: new Set([...shown.group.items.map((spec) => spec.key), shown.group.repeat?.key].filter(Boolean)) });
      else for (const keys of alone(shown.specs)) found.push({ page, keys });
    }
  }
  return found;
}

/** Each question apart; a text or a calculation goes along with the question after it, or before it at the end. */
function alone(specs) {
  const found = [];
  let waiting = [];
  for (const spec of specs) {
    waiting.push(spec.key);
    if (spec.type === "output" || spec.calc || spec.readonly) continue;
    found.push(new Set(waiting));
    waiting = [];
  }
  if (waiting.length && found.length) waiting.forEach((key) => found.at(-1).add(key));
  else if (waiting.length) found.push(new Set(waiting));
  return found;
}

/** What of the shown groups of a page belongs to a step. */
export function inStep(step, groups) {
  if (!step.keys) return groups;
  return groups
    .map((shown) => {
      if (shown.rows) return step.keys.has(shown.group.repeat.key) ? shown : null;
      const specs = shown.specs.filter((spec) => step.keys.has(spec.key));
      return specs.length ? { ...shown, specs } : null;
    })
    .filter(Boolean);
}

/** Whether a place is asked at a step. */
export function holds(form, step, place) {
  const { repeat, key } = split(place);
  const page = form.item(place)?.page ?? form.compiled.groups.get(place)?.page;
  return page === step.page.key && (!step.keys || step.keys.has(repeat || key) || step.keys.has(key));
}
