for (let i = 1; i <= 3; i++) { form.number("n" + i, "Number " + i); if (values["n" + i] > 5) form.error("n" + i, "Too large") }
let sum = 0
for (const key of ["n1", "n2", "n3"]) sum += values[key] ?? 0
form.calc("sum", "Sum", sum)
function pair(key, label, options = {}) { const w = form.binary(key, label, options); if (w.value) form.text(key + "_more", "More"); return w }
pair("*p1", "P1"); pair("p2", "P2", { value: values.p1 === 0 ? 0 : null }).error("Always", { block: false })
switch (values.p1) { case 1: form.text("on", ""); break; case 0: { form.text("off", ""); break } default: form.text("open", "") }
