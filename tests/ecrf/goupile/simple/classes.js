form.number("weight", "W", { decimals: 1 }); form.number("height", "H", { decimals: 2 })
let bmi = values.weight / (values.height * values.height)
form.calc("bmi", "BMI", bmi, { decimals: 1, suffix: "kg/m²" })
let cls
if (bmi >= 30) { cls = "Obesity" } else if (bmi >= 25) { cls = "Overweight" } else if (bmi >= 18.5) cls = "Normal"
else if (bmi > 0) { cls = "Low" }
form.sameLine(); form.calc("cls", "Class", cls)
