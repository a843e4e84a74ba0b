// Helpers of the pages of this project: what is empty is left out, or makes the result empty.

const known = values => values.filter(value => value != null && !Number.isNaN(value))
const empty = value => value == null || Number.isNaN(value)

export const finite = value => (Number.isFinite(value) ? value : undefined)
export const same = (one, other) => one === other || (empty(one) && empty(other))
export const first = (...values) => known(values)[0]
export const sum = (...values) => (known(values).length ? known(values).reduce((a, b) => a + b, 0) : undefined)
export const mean = (...values) => (known(values).length ? sum(...values) / known(values).length : undefined)
export const text = value => (empty(value) ? undefined : String(value))

export function median(...values) {
    let sorted = known(values).sort((a, b) => a - b)
    let middle = Math.floor(sorted.length / 2)
    if (!sorted.length) return undefined
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function least(...values) {
    return known(values).reduce((a, b) => (b < a ? b : a), known(values)[0])
}

export function greatest(...values) {
    return known(values).reduce((a, b) => (b > a ? b : a), known(values)[0])
}

export function round(value, digits) {
    if (empty(value) || empty(digits)) return undefined
    let power = 10 ** digits
    return (Math.sign(value) * Math.round(parseFloat((Math.abs(value) * power).toFixed(9)))) / power
}

export function concat(...values) {
    return known(values).join("") || undefined
}

export function mid(value, from, count) {
    if (empty(value) || empty(from) || empty(count)) return undefined
    let start = Math.max(0, from - 1)
    return value.slice(start, start + Math.max(0, count)) || undefined
}

export const left = (value, count) => mid(value, 1, count)
export const right = (value, count) => mid(value, empty(value) ? 1 : value.length - count + 1, count)

export function age(born, day) {
    if (empty(born) || empty(day)) return undefined
    let before = day.month < born.month || (day.month === born.month && day.day < born.day)
    let years = day.year - born.year - (before ? 1 : 0)
    return years < 0 ? undefined : years
}
