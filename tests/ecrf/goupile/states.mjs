// The browser's reading of evaluated forms: requests on stdin, {request, state} on stdout.
import { readFileSync } from "node:fs";
import { entered, noted, types } from "../../../ecrf/static_src/ecrf/goupile/places.js";
import { stateOf } from "../../../ecrf/static_src/ecrf/goupile/state.js";

const sets = (state) => Object.fromEntries(Object.entries(state).map(([name, part]) => [name, part instanceof Set ? [...part].sort() : part]));
const made = JSON.parse(readFileSync(0, "utf8")).map(({ page, stored, notes, answer }) => {
  const { values, visible, required, defaults, findings, enabled, summary } = stateOf(page, answer, "en");
  return { values: entered(page, stored), notes: noted(page, notes), types: types(page), state: sets({ values, visible: new Set([...visible].filter((one) => !one.includes("/"))), required: new Set([...required].filter((one) => !one.includes("/"))), defaults: new Set([...defaults].filter((one) => !one.includes("/"))), findings, enabled, summary }) };
});
process.stdout.write(JSON.stringify(made));
