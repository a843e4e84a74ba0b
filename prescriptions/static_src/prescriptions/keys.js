// The keys of the review. Letters act while a field is looked at; once it is open, they are typed.

/** Let a field be typed into, and take all of its words when that was asked for with a key. */
export function open(input, all) {
  if (!input?.readOnly) return;
  input.readOnly = false;
  input.dataset.open = "";
  if (all) input.select();
}

export function close(input) {
  input.readOnly = true;
  delete input.dataset.open;
}

const near = (list, item, step) => list[list.indexOf(item) + step];

function field(review, step, event) {
  const inputs = review.inputs;
  const here = document.activeElement.closest(".rx-input");
  const card = document.activeElement.closest("[data-line]");
  const from = here ?? (card && inputs.find((input) => card.contains(input)));
  const target = here ? near(inputs, here, step) : from;
  if (!target) return;
  event.preventDefault();
  target.focus();
}

function line(review, step, event) {
  const card = document.activeElement.closest("[data-line]");
  const target = card ? near(review.cards, card, step) : review.cards[0];
  event.preventDefault();
  review.enter(target);
}

function doubt(review) {
  const inputs = review.inputs.filter((input) => input.closest(".is-unsure"));
  const all = review.inputs;
  const here = all.indexOf(document.activeElement);
  (inputs.find((input) => all.indexOf(input) > here) ?? inputs[0])?.focus();
}

/** To what is written, and with Escape back to the line. */
function toPage(review) {
  review.back = document.activeElement;
  [...review.querySelectorAll(".rx-pages, #rx-text")].find((part) => part.checkVisibility()).focus();
}

const settle = (name) => (review, event, card) => card && review.settle(card, name);
const press = (selector) => (review, event, card) => (card ?? document).querySelector(selector)?.click();
const toolbar = (selector) => () => document.querySelector(selector)?.click();
const view = (name) => (review) => review.viewer?.do(name);

const LETTERS = {
  v: settle("validate"),
  x: settle("reject"),
  i: settle("unread"),
  w: settle("back"),
  s: press("[data-split]"),
  m: press("[data-merge]"),
  o: press("[data-opinion]"),
  n: (review) => review.addLine(),
  j: (review, event) => line(review, 1, event),
  k: (review, event) => line(review, -1, event),
  ArrowDown: (review, event) => line(review, 1, event),
  ArrowUp: (review, event) => line(review, -1, event),
  ArrowRight: (review, event) => field(review, 1, event),
  ArrowLeft: (review, event) => field(review, -1, event),
  d: doubt,
  z: toolbar("[data-undo]"),
  y: toolbar("[data-redo]"),
  f: toolbar("[data-finish]"),
  "?": toolbar("[data-keys]"),
  "+": view("larger"),
  "=": view("larger"),
  "-": view("smaller"),
  0: view("fit"),
  r: view("turn"),
  t: view("text"),
  p: toPage,
  PageDown: view("after"),
  PageUp: view("before"),
};
const DIGIT = /^[1-9]$/;
const SCROLLS = /^(Arrow|Page|Home$|End$| $)/; // what moves the page or the text when one is in it

/** What a key does. */
export function act(review, event) {
  const { target, key } = event;
  if (event.defaultPrevented || event.isComposing || target.closest("dialog, select, textarea, details.menu[open]")) return;
  const card = target.closest("[data-line]");
  const command = event.ctrlKey || event.metaKey;
  const input = target.closest(".rx-input");
  if (event.altKey) {
    if (key === "ArrowDown" || key === "ArrowUp") line(review, key === "ArrowDown" ? 1 : -1, event);
    return;
  }
  if (command && key === "Enter" && card) {
    event.preventDefault();
    return review.settle(card, "validate");
  }
  if (input && !input.readOnly) return typing(review, event, input, card);
  if (command) {
    const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    return document.querySelector(`[data-${name}]`)?.click();
  }
  if (input && (key === "Enter" || key === "F2")) {
    event.preventDefault();
    return open(input, true);
  }
  if (target.closest(".rx-pages, #rx-text")) {
    if (SCROLLS.test(key)) return;
    if (key === "Escape") return review.back?.focus();
  }
  const wanted = DIGIT.test(key) ? press(`[data-choice="${key}"]`) : LETTERS[key.length === 1 ? key.toLowerCase() : key];
  if (!wanted) return;
  if (key.length === 1) event.preventDefault();
  if (!review.busy) return wanted(review, event, card);
  event.preventDefault();
  review.later.push(() => wanted(review, event, document.activeElement.closest("[data-line]")));
}

/** Words being typed: kept with Enter, given up with Escape. */
function typing(review, event, input, card) {
  if (event.key === "Escape") {
    input.value = input.defaultValue;
    close(input);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (input.value === input.defaultValue && !input.matches(".is-invalid")) return close(input);
    review.after = { id: card.id, act: "stay", field: input.id };
    input.form.requestSubmit();
  }
}
