// A project that uses all that a project script may say.
app.annotate = true
app.head = html`<title>Trial</title>`

const follow = ["visit", "diary"]

app.form("trial", "A trial", () => {
  app.form("widgets", "Every widget", { lock: 600 * 1000, icon: "heart" })
  app.pushOptions({ enabled: thread => thread.data.widgets.agree == 1, autosave: 5000 })
  app.form("rules", "Rules", { lock: true })
  app.form("after", "Afterwards", () => {
    app.form("visit", "Visit", { sequence: follow })
    app.form("diary", "Diary", { sequence: follow, claim: false })
  })
  app.popOptions()
  app.form("old", "An old page")
})
