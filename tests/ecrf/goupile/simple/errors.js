form.number("low", "L"); form.number("high", "H"); form.date("d1", "1"); form.date("d2", "2")
if (values.low > values.high) form.error("low", "Above")
if (values.low > 100 && values.high != null) form.error("low", "High", { block: false })
if (values.d1 > values.d2) { form.error("d2", "Before", true) }
if (values.d2 != null && values.d1 != null && values.d2.diff(values.d1) > 30) form.error("d2", html`Too <b>late</b>`, { delay: true, block: false })
form.calc("days", "Days", values.d2 - values.d1); form.calc("until", "Until", values.d1 ? LocalDate.today().diff(values.d1) : null)
