// The list of a review by keys: J and K go down and up, C confirms, R revokes, X selects. One moves by the rows' own focus.
import "./index.css";

const rows = () => [...document.querySelectorAll("#table-accesses tbody tr")];
const current = () => document.activeElement?.closest?.("#table-accesses tbody tr") ?? document.querySelector("tr.is-current");

function go(row) {
  if (!row) return;
  for (const each of rows()) each.classList.toggle("is-current", each === row);
  (row.querySelector("[data-confirm]") ?? row.querySelector("input, a, button") ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
}

const ACTS = {
  j: (row) => go(row ? row.nextElementSibling : rows()[0]),
  k: (row) => go(row ? row.previousElementSibling : rows().at(-1)),
  c: (row) => row?.querySelector("[data-confirm]")?.click(),
  r: (row) => row?.querySelector("[data-revoke]")?.click(),
  x: (row) => row?.querySelector('input[name="selected"]')?.click(),
};

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea, dialog *")) return;
  const act = ACTS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act(current());
});

// What was confirmed has no button any more: go on with the next row that has one.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const access = detail.requestConfig?.path.match(/accesses\/([0-9a-f-]+)\/confirm/)?.[1];
  const row = access && document.querySelector(`[data-access="${access}"]`)?.closest("tr");
  if (!row) return;
  const after = rows().slice(rows().indexOf(row) + 1);
  go(after.find((each) => each.querySelector("[data-confirm]")) ?? row);
});
