form.number("a", "A"); values.ok = values.a >= 3 ? 1 : 0; values.big = values.a > 10
if (values.ok) form.text("fine", ""); if (values.big) form.text("large", ""); meta.summary = values.a
form.pushPath("deep"); form.text("in", "In"); form.popPath(); if (values.deep.in) form.text("found", "")
