const items = [["q1", "First"], ["q2", "Second"], ["q3", "Third"]]
const scale = [[0, "Never"], [1, "Sometimes"], [3, "Always"]]
for (const [key, label] of items) form.enumRadio(key, label, scale);
["q4", "q5"].forEach((key, i) => form.binary(key, `Question ${i + 4}`))
const total = values.q1 + values.q2 + values.q3
form.calc("total", "Total", total); form.calc("low", "Low", Math.min(values.q1, values.q2)); form.calc("half", "Half", Math.round(total / 2))
form.calc("grade", "Grade", grade(total))
form.calc("yes", "Yes", [values.q4, values.q5].filter(v => v == 1).length)
form.calc("clamped", "C", Util.clamp(total, 2, 5)); form.calc("rounded", "R", Util.roundTo(total / 7, 2))
function grade(n) { if (n >= 6) return "high"; else if (n >= 3) { return "middle" } else if (n < 3) return "low"; return null }
