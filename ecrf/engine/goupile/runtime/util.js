// The helpers that page scripts find under `Util`.

import { LocalDate, LocalTime } from "./moments.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const isPlain = (value) => !!value && typeof value === "object" && value.constructor === Object;

/** Round half up at so many decimals, without the dust of binary fractions. */
export function roundTo(number, digits = 0) {
  const power = 10 ** digits;
  return Math.round(parseFloat((number * power).toFixed(11))) / power;
}

export function makeUtil(random, now) {
  function* map(items, func) {
    let index = 0;
    for (const item of items) yield func(item, index++);
  }
  function* mapRange(start, end, func) {
    for (let i = start; i < end; i++) yield func(i);
  }
  function* mapRLE(array, key, func) {
    for (let i = 0; i < array.length; ) {
      const current = key(array[i]);
      let j = i + 1;
      while (j < array.length && key(array[j]) === current) j++;
      yield func(current, i, j - i);
      i = j;
    }
  }
  function assignDeep(target, ...sources) {
    for (const source of sources)
      for (const name of Object.keys(source ?? {})) {
        if (isPlain(source[name])) target[name] = assignDeep(isPlain(target[name]) ? target[name] : {}, source[name]);
        else target[name] = source[name];
      }
    return target;
  }
  function deepFreeze(object) {
    Object.freeze(object);
    for (const value of Object.values(object)) if (value && typeof value === "object" && !Object.isFrozen(value)) deepFreeze(value);
    return object;
  }
  const getRandomInt = (low, high) => Math.floor(random() * (Math.floor(high) - Math.ceil(low))) + Math.ceil(low);
  const natural = (a, b) => {
    const [one, other] = [Number(a), Number(b)];
    return Number.isNaN(one) || Number.isNaN(other) ? String(a).localeCompare(String(b)) : one - other;
  };
  return {
    clamp: (value, low, high) => Math.min(Math.max(value, low), high),
    map,
    mapRange,
    mapRLE,
    arrayToObject(items, key, value = (item) => item) {
      const object = {};
      for (const item of items) object[key(item)] = value(item);
      return object;
    },
    assignDeep,
    isPodObject: isPlain,
    isNumeric: (value) => !Number.isNaN(parseFloat(value)) && Number.isFinite(Number(value)),
    deepFreeze,
    roundTo,
    makeComparator: (key) => (key ? (a, b) => natural(key(a), key(b)) : natural),
    strToValue(text) {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    },
    valueToStr: (value) => JSON.stringify(value),
    makeULID() {
      let time = now;
      let text = "";
      for (let i = 0; i < 10; i++) {
        text = ALPHABET[time % 32] + text;
        time = Math.floor(time / 32);
      }
      for (let i = 0; i < 16; i++) text += ALPHABET[getRandomInt(0, 32)];
      return text;
    },
    decodeULIDTime(ulid) {
      if (String(ulid).length !== 26) throw new Error("Invalid ULID string (must have 26 characters)");
      return [...ulid.slice(0, 10)].reduce((time, sign) => time * 32 + ALPHABET.indexOf(sign), 0);
    },
    formatTime(time) {
      const minutes = time % 100;
      return `${Math.floor(time / 100)}h${minutes ? String(minutes).padStart(2, "0") : ""}`;
    },
    getRandomInt,
    getRandomFloat: (low, high) => random() * (high - low) + low,
    sequence: (count) => Array.from({ length: count }, (_, i) => i),
    shuffle(array) {
      const left = array.slice();
      return array.map(() => left.splice(getRandomInt(0, left.length), 1)[0]);
    },
    capitalize: (text) => text.slice(0, 1).toUpperCase() + text.slice(1),
    isMoment: (value) => value instanceof LocalDate || value instanceof LocalTime,
  };
}
