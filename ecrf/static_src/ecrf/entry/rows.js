// Places of values: a key, or `rows[0].key` for what is asked in rows.

const PLACE = /^(\w+)\[(\d+)\]\.(\w+)$/;

/** The parts of a place: {repeat, row, key}; no repeat for what is asked once. */
export function split(place) {
  const found = PLACE.exec(place);
  return found ? { repeat: found[1], row: Number(found[2]), key: found[3] } : { repeat: "", row: 0, key: place };
}

/** The place of a finding. */
export const placed = ({ row, key }) => (row ? `${row}.${key}` : key);

/** What stands at a place; undefined where nothing does. */
export function at(values, place) {
  const { repeat, row, key } = split(place);
  return repeat ? values[repeat]?.[row]?.[key] : values[place];
}

/** The rows with another value at a place. */
export function put(rows, place, value) {
  const { row, key } = split(place);
  return rows.map((own, number) => (number === row ? { ...own, [key]: value } : own));
}

/** Whether two stored values say the same; an emptied field and none at all do. */
export const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (a === "" && (b ?? null) === null);
