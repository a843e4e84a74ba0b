form.number("low", "Low"); form.number("high", "High"); form.text("free", "Free", { annotate: false })
if (values.low > values.high) form.error("low", "Low is above high")
if (values.low > 100) form.error("low", "Very high", { delay: true })
if (values.high > 100) form.error("high", "Quite high", { block: false })
if (values.high > 200) form.error("high", html`Much <b>too</b> high`, { block: false, delay: true })
if (values.free == "bad") form.error("free", "Bad", true)

form.pushOptions({ mandatory: true, missing_mode: "error" })
form.text("now", "At once")
form.popOptions()
form.text("*later", "At the save")
form.text("*off", "Disabled", { disabled: true })
form.block(() => {
  form.pushOptions({ mandatory: true })
  form.text("inner", "Inner")
})
form.text("outer", "Outer")

form.columns(() => {
  form.text("c1", "C1")
  form.text("c2", "C2")
}, { wide: true })

form.tabs("sheets", () => {
  form.tab("First", () => { form.text("*tab1", "In the first") })
  form.tab("Second", () => { form.text("tab2", "In the second"); form.action("Second", () => {}) }, { disabled: values.low == 1 })
}, { tab: "Second" })

let rows = form.repeat("rows", (row, i, remove) => {
  form.text("*drug", "Drug " + (i + 1))
  if (row.drug == "x") form.error("drug", "No such drug")
  form.number("dose", "Dose", { max: 10 })
})
form.calc("count", "Rows", rows.length)
form.calc("doses", "Doses", Object.values(values.rows).reduce((sum, row) => sum + (row.dose ?? 0), 0))

form.pushPath("deep")
form.text("in", "Deep")
form.pushPath("er", "x")
form.text("in", "Deeper")
form.popPath()
form.popPath()
form.text(["deep", "named"], "By a path")

if (values.deep.in) { form.text("cond", "Because of it") }
form.text("hid", "Hidden", { hidden: values.low == 1 })
form.section("Unseen", () => { form.text("under", "Under") }, { hidden: true })
form.number("follow", "Follows", { value: values.low * 2 })
form.text("tagged", "Tagged", { tags: [{ key: "control", label: "Control" }], public: true, readonly: true, compact: true })

values.ok = values.low >= 0 ? 1 : 0
values.when = LocalDate.parse("2020-02-29").plusMonths(12)
meta.summary = `${values.low ?? "?"} to ${values.high ?? "?"}`
meta.hid = "P" + (thread.sequence ?? "")
meta.constrain("free", ["exists", "unique"])
values.arm = meta.randomize("arm/" + values.free, 2)
meta.count("all", true)
if (form.isValid()) form.calc("fine", "Fine", form.hasErrors() ? "errors" : "none")
