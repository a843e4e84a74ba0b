// The `form` of a page script.

import { addInputs } from "./inputs.js";
import { Kit } from "./kit.js";
import { addLayout } from "./layout.js";

export function makeModel() {
  return { tree: [], widgets: [], variables: [], actions: [], restart: false };
}

export function makeForm(state, model, options, words, tell) {
  const kit = new Kit(state, model, options, words, tell);
  const form = {};
  addInputs(form, kit);
  addLayout(form, kit);

  const some = (test) => model.widgets.some((widget) => widget.errors.some(test));
  Object.defineProperties(form, {
    widgets: { get: () => model.widgets, enumerable: true },
    widgets0: { get: () => model.tree, enumerable: true },
    variables: { get: () => model.variables, enumerable: true },
    state: { get: () => state, enumerable: true },
    values: { get: () => state.values, enumerable: true },
  });
  form.isValid = () => !some((error) => error.block);
  form.hasErrors = () => some((error) => !error.delay);
  form.hasChanged = () => !!state.hasChanged;
  form.justTriggered = () => !!state.justTriggered;
  form.markChange = form.markInteraction = () => {};
  form.restart = form.refresh = () => {
    model.restart = true;
  };
  form.triggerErrors = () => {
    if (form.isValid()) return;
    state.triggered = true;
    state.justTriggered = true;
    form.restart();
  };

  const find = (key) => kit.known.get(kit.key(key).id);
  form.find = (key) => find(key);
  form.value = (key, fallback = undefined) => {
    const widget = find(key);
    return widget && !widget.missing ? widget.value : fallback;
  };
  form.missing = (key) => {
    const widget = find(key);
    if (!widget) kit.tell("unknown_variable", String(key));
    return widget ? widget.missing : true;
  };
  form.error = (key, message, how) => {
    const widget = find(key);
    if (!widget) {
      kit.tell("unknown_variable", String(key));
      return undefined;
    }
    kit.fault(widget, message, how);
    return widget;
  };
  return form;
}
