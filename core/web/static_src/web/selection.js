// Rows that are ticked, and the bar of acts that appears for them.
function refresh(form) {
  const boxes = [...document.querySelectorAll(`input[name="selected"][form="${form.id}"]`)];
  const ticked = boxes.filter((box) => box.checked).length;
  form.hidden = ticked === 0;
  form.querySelector(".bulk-count").textContent = ticked
    ? interpolate(ngettext("%s selected", "%s selected", ticked), [ticked])
    : "";
  const all = document.querySelector(`[data-select-all="${form.id}"]`);
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

document.addEventListener("change", ({ target }) => {
  if (target.dataset.selectAll) {
    const form = document.getElementById(target.dataset.selectAll);
    for (const box of document.querySelectorAll(`input[name="selected"][form="${form.id}"]`)) box.checked = target.checked;
    refresh(form);
  } else if (target.matches('input[name="selected"]') && target.form) refresh(target.form);
});

// The browser may bring ticks back when one returns to the page.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.bulk-bar")) refresh(form);
});
