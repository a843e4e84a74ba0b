// What is known of a column's values: asked once, when somebody uses the column.
import { json } from "./api.js";
import { NUMERIC, TEMPORAL } from "./question.js";

const MOST = 100;

export class Facts {
  constructor(state, told) {
    this.state = state;
    this.told = told;
    this.known = new Map();
    this.waiting = new Map();
  }

  /** What is known now, or undefined. */
  now(column) {
    return this.known.get(column.name);
  }

  /** The facts, asked for where they aren't known. */
  of(column) {
    if (!this.waiting.has(column.name)) this.waiting.set(column.name, this.find(column));
    return this.waiting.get(column.name);
  }

  async find(column) {
    const facts = { distinct: null, minimum: null, maximum: null, middle: null, values: [] };
    try {
      const ranged = NUMERIC.has(column.kind) || TEMPORAL.has(column.kind);
      const asked = ["distinct", ...(ranged ? ["minimum", "maximum"] : []), ...(NUMERIC.has(column.kind) ? ["median"] : [])];
      const answer = await this.ask({ measures: asked.map((of) => ({ of, column: column.name, name: of })) });
      answer.columns.forEach((output, place) => (facts[output.name] = plain(answer.rows[0]?.[place])));
      facts.middle = facts.median ?? null;
      if (!ranged || (facts.distinct !== null && facts.distinct <= 50)) facts.values = await this.values(column);
    } catch (error) {
      this.waiting.delete(column.name);
      if (error.status === undefined) throw error; // without the network it is 0: the column is used all the same
    }
    this.known.set(column.name, facts);
    this.told();
    return facts;
  }

  async values(column) {
    const answer = await this.ask({
      by: [{ column: column.name, name: "value" }],
      measures: [{ of: "rows", name: "count" }],
      order: [{ by: "count", descending: true }],
      limit: MOST,
    });
    return answer.rows
      .map(([value], number) => ({ value, text: answer.texts[number][0], count: answer.texts[number][1] }))
      .filter((each) => each.value !== null && typeof each.value !== "object");
  }

  ask(parts) {
    const { urls, project, dataset } = this.state;
    return json("POST", urls.query, { project, query: { source: { dataset: dataset.name, version: dataset.version }, ...parts } });
  }
}

const plain = (value) => (value === undefined || (typeof value === "object" && value !== null) ? null : value);
