// What a list shows now is in the address, which htmx may have changed since the forms beside it were made.
function keepQuery(form) {
  const dropped = new Set(form.dataset.queryWithout.split(" "));
  for (const old of form.querySelectorAll("input[type=hidden]")) old.remove();
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (!dropped.has(name)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-query-without]")) keepQuery(target);
  const here = target.querySelector("input[data-here]");
  if (here) here.value = location.pathname + location.search;
});
