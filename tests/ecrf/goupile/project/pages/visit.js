import { question, LIMITS as limits } from "../lib/questions.js"
import total from "../lib/questions"
import * as all from "/lib/questions.js"
import settings from "../lib/settings.json"

await Promise.resolve()
const { note } = await import("../lib/questions.js")

question("q1", "First"); question("q2", "Second")
form.calc("total", "Total", total(values.q1, values.q2))
form.calc("limit", settings.title, limits.high + Object.keys(all).length)
note(thread.data.widgets.age, thread.entries.diary?.data?.x, thread.counters.arm)
form.calc("d", "Days", thread.data.widgets.d0 ? LocalDate.today().diff(thread.data.widgets.d0) : null)
