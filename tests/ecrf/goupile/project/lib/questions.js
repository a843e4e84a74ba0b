export const LIMITS = { low: 0, high: 3 }
export function question(key, label) {
  form.enumRadio(key, label, [[0, "No"], [1, "A little"], [3, "A lot"]])
}
function note(...things) {
  form.output(html`<p>${things.map(one => html`<b>${one}</b> `)}</p>`)
}
export { note }
export default (...given) => given.reduce((sum, one) => sum + one, 0)
