// What was said of a repository after its objects were written, and what follows from it (FORMAT.md, section 10).
import { hex } from "../bytes.js";
import { digest } from "../crypto/primitives.js";
import { Damaged, Missing } from "../errors.js";
import * as acts from "../format/acts.js";
import * as chain from "../format/chain.js";
import { keyId, MASTER, ROLES, WRITER } from "../format/keys.js";
import * as layout from "../format/layout.js";

/** The acts of a repository folded into one state. Ids are in hex. */
export class History {
  /** @type {Damaged[]} */
  problems = [];
  #forgotten = new Map();
  #held = new Set();
  #tags = new Map();
  #moves = [];
  #movesOf = new Map();

  /** @param {Map<string, import("../format/badge.js").Badge>} badges */
  constructor(badges) {
    this.badges = badges;
  }

  isForgotten({ writer, sequence, id }) {
    return this.#forgotten.get(`${writer} ${sequence}`) === id && !this.#held.has(id);
  }

  isHeld({ id }) {
    return this.#held.has(id);
  }

  tagsOf({ id, tags }) {
    return this.#tags.get(id) ?? tags;
  }

  /** The numbers from `start` up to but not `stop` that no act forgets, as rows of them: first and count. */
  *unexplained(writer, start, stop) {
    const said = this.#forgottenOf(writer).filter((number) => number >= start && number < stop);
    for (const number of said) {
      if (number > start) yield [start, number - start];
      start = number + 1;
    }
    if (start < stop) yield [start, stop - start];
  }

  #forgottenOf(writer) {
    const numbers = [...this.#forgotten.keys()].map((key) => key.split(" ")).filter(([author]) => author === writer);
    return numbers.map(([, number]) => Number(number)).sort((one, other) => one - other);
  }

  /** The indexes that hold today what a snapshot's own held. @param {string[]} indexes */
  instead(indexes) {
    let wanted = new Set(indexes);
    const applied = new Set();
    for (let moving = true; moving; ) {
      moving = false;
      const result = new Set();
      for (const name of wanted) {
        const moves = (this.#movesOf.get(name) ?? []).filter((number) => !applied.has(`${number} ${name}`));
        for (const number of moves) applied.add(`${number} ${name}`);
        moving ||= moves.length > 0;
        for (const each of moves.length ? moves.flatMap((number) => this.#moves[number]) : [name]) result.add(each);
      }
      wanted = result;
    }
    // What was replaced may come up once more, by a longer way: it is read only where nothing else is left.
    const left = [...wanted].filter((name) => !this.#movesOf.has(name));
    return left.length ? left : [...wanted];
  }

  /** Fold one more act in; it must be newer than those before. @param {acts.Act} act */
  take(act) {
    for (const [old, now] of act.moved) {
      for (const name of old) this.#movesOf.set(name, [...(this.#movesOf.get(name) ?? []), this.#moves.length]);
      this.#moves.push(now);
    }
    for (const [writer, sequence, id] of act.forget)
      if (!this.#forgotten.has(`${writer} ${sequence}`)) this.#forgotten.set(`${writer} ${sequence}`, id);
    for (const [writer, sequence] of act.recall) this.#forgotten.delete(`${writer} ${sequence}`);
    for (const id of act.hold) this.#held.add(id);
    for (const id of act.release) this.#held.delete(id);
    for (const [id, tags] of act.tag) this.#tags.set(id, tags);
  }
}

/** Read every act. What isn't sound, or says what its key may not, is among the problems and counts for nothing. */
export async function readHistory(store, config, key, badges) {
  const history = new History(badges);
  const found = [];
  const expected = new Map();
  const listed = (await store.listObjects("acts")).sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name, size, received } of listed) {
    const [, author, number] = name.split("/");
    const sequence = parseInt(number, 16);
    const [due, previous] = expected.get(author) ?? [1, chain.FIRST];
    if (due < sequence) history.problems.push(new Damaged(layout.actName(author, due), gone(sequence - due, "acts of its key")));
    try {
      layout.checkSize({ name, size });
      const raw = await store.fetchObject(name);
      expected.set(author, [sequence + 1, hex(digest(raw))]);
      const { verify, role } = signer(author, sequence, config, badges, name);
      const act = await acts.read(raw, verify, key, name, received);
      const beyond = acts.overstepped(role, act);
      if (beyond.length) throw new Damaged(name, `says what a ${ROLES[role]} key may not: ${beyond.join(", ")}`);
      if (sequence === due && act.previous !== previous) history.problems.push(new Damaged(name, "doesn't follow the act before it"));
      found.push(act);
    } catch (error) {
      if (error instanceof Missing) continue;
      if (!(error instanceof Damaged)) throw error;
      if (!expected.has(author)) expected.set(author, [sequence + 1, chain.FIRST]);
      history.problems.push(error);
    }
  }
  for (const act of found.sort(inOrder)) history.take(act);
  return history;
}

/** Why objects of a row are missed. */
export function gone(count, row) {
  const others = count > 1 ? `, and ${count - 1} after it` : "";
  return `is gone${others}: later ${row} are there`;
}

function inOrder(one, other) {
  if (one.received !== other.received) return one.received < other.received ? -1 : 1;
  return one.author === other.author ? one.sequence - other.sequence : one.author < other.author ? -1 : 1;
}

function signer(author, sequence, config, badges, name) {
  if (author === hex(keyId(config.master))) return { verify: config.master, role: MASTER };
  const badge = badges.get(author);
  if (!badge || badge.role === WRITER) throw new Damaged(name, "signed by a key that may not act");
  const revoked = config.revoked.get(author);
  if (revoked && sequence > revoked.last) throw new Damaged(name, "signed by a key that was revoked");
  return { verify: badge.verify, role: badge.role };
}
