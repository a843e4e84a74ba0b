// What stands in an input while somebody types: «1.0» is on its way to «1.05» and must not become «1».
import { noChange } from "lit-html";
import { Directive, directive } from "lit-html/directive.js";
import { setCommittedValue } from "lit-html/directive-helpers.js";

class Typed extends Directive {
  render(value, _read, text = String(value ?? "")) {
    return text;
  }

  /** `read` says what a text means, undefined while it means nothing. */
  update(part, [value, read, text]) {
    const { element } = part;
    const meant = read(element.value);
    if (meant === value || (meant === undefined && element === document.activeElement)) return noChange;
    setCommittedValue(part); // what was written last is not what stands there now
    return this.render(value, read, text);
  }
}

export const typed = directive(Typed);
