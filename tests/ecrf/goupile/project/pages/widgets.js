form.output(html`
  <h2>Welcome</h2>
  <p>Please <b>read</b> this &amp; <i>that</i>, ${profile.username}.
  <ul><li>one<li>two</ul>
  <img src=${ENV.urls.files + "plan.png"} alt="A plan">
  <script>alert(1)</script>
`)
form.section("Texts", () => {
  form.text("*name", "Name", { placeholder: "Family name", prefix: "Dr", suffix: html`<b>MD</b>`, help: ["One line", html`<p>Another <i>line</i></p>`] })
  form.textArea("story", "Story", { rows: 5, cols: 60, wide: true })
  form.password("word", "Password")
  form.pin("pin", "PIN")
})
form.section("Numbers", () => {
  form.number("*age", "Age", { min: 0, max: 120, suffix: value => value > 1 ? "years" : "year" })
  form.sameLine(); form.number("height", "Height", { min: 1, max: 3, decimals: 2, suffix: "m" })
  form.sameLine(true); form.number("weight", "Weight", { min: 20, max: 400, block: false })
  form.slider("pain", "Pain", { min: 0, max: 10, ticks: true })
  form.slider("mood", "Mood", { ticks: { 0: "bad", 5: ["so so", false], 10: "good" }, floating: true, prefix: "bad", suffix: "good" })
  form.slider("level", "Level", { max: 4, ticks: [1, [2, "two"]] })
  form.slider("made", "Made", { max: 4, ticks: () => [3] })
}, { color: "#eee", anchor: "numbers" })
form.section("Moments", () => {
  form.date("d0", "Day", { max: LocalDate.today(), value: LocalDate.today() })
  form.month("m0", "Month")
  form.time("t0", "Time", { value: LocalTime.now() })
  form.time("t1", "To the second", { seconds: true })
}, { deploy: false })
form.section("Choices", () => {
  form.binary("agree", "Agrees")
  form.boolean("sure", "Sure")
  form.enum("smoke", "Smokes", [["active", "Yes"], ["stopped", "Not any more"], ["no", "Never"]], { untoggle: false })
  form.enumButtons("side", "Side", ["left", "right:::On the right", 3, null, form.proposition(4, "Four")])
  form.enumRadio("place", "Place", [[1, "House"], [2, "Flat"]], { columns: 2 })
  form.enumDrop("job", "Job", [[1, "Farmer"], ["x y", "Other"]])
  form.multiCheck("sleep", "Sleep", [[1, "Late"], [2, "Early"], [null, "None of these"]])
  form.multi("drugs", "Drugs", [["a", "A"], ["b", "B"]])
  form.multiButtons("more", "More", [[1, "One"], [null, "None"]])
})
form.section(() => {
  form.calc("bmi", "BMI", values.weight / values.height ** 2, { suffix: "kg/m²" })
  form.calc("bmi1", "BMI", values.weight / values.height ** 2, { decimals: 1 })
  form.calc("cls", "Class", values.bmi >= 25 ? "High" : values.bmi > 0 ? "Fine" : undefined)
  form.calc("yes", "Yes", values.agree, { text: value => value ? "It is so" : "It isn't" })
  form.calc("next", "Next visit", values.d0?.plusMonths(1), { hidden: true })
  form.calc("slot", "Slot", values.t1)
})
form.file("scan", "Scan")
form.errorList()
form.action("Look", { color: "red", tooltip: "Look at it" }, () => { throw new Error("not run") })
form.action("-")
form.action("+Again", () => {})
