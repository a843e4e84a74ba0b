// Two readings beside each other: all differences of a line are settled by one of them at once.
for (const part of document.querySelectorAll(".rx-pairs .rx-scripted")) part.hidden = false;

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-take]");
  if (!button) return;
  const choices = button.closest(".rx-pair").querySelectorAll(`input[value="${button.dataset.take}"]`);
  for (const choice of choices) choice.checked = true;
});
