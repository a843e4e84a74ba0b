form.pushOptions({ mandatory: true }); form.text("m1", ""); form.text("m2", "", { mandatory: false }); form.popOptions(); form.text("m3", "")
form.binary("stop", "Stop")
let over = false
function stop_if(test) { if (test) { form.pushOptions({ disabled: true }); over = true } }
form.section("After", () => { form.text("*x1", ""); stop_if(values.stop == 1); form.text("*x2", "") })
if (over) form.pushOptions({ disabled: true })
form.text("*x3", ""); form.number("r", "", { readonly: values.stop == 0, value: 3 }); form.calc("over", "Over", over ? 1 : 0)
form.text("tags", "", { tags: [{ key: "control", label: "Control" }], public: true, annotate: false })
if (values) form.text("always", "Always")
