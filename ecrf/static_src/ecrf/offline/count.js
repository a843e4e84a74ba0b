// How much isn't sent, told to the other pages of the suite, which don't know the key: a number and where to go.
import { reader } from "../../../../core/web/static_src/web/page.js";

const nameOf = (project) => `unsent:${reader()}:ecrf:${project}`;

export function tell({ project, title, scope, urls }, { count, database, device }) {
  localStorage.setItem(nameOf(project), JSON.stringify({ count, address: scope, label: title, database, back: urls.give_back, device }));
}

export const told = ({ project }) => JSON.parse(localStorage.getItem(nameOf(project)) ?? "null");
export const forget = ({ project }) => localStorage.removeItem(nameOf(project));
