// The offline page and the server: who is signed in, what may be taken, and sending the work.
import { csrfToken, reader, setCsrfToken } from "../../../../core/web/static_src/web/page.js";
import { session, signInAgain } from "../../../../core/portal/static_src/portal/session.js";

const AT_ONCE = 50;

export class Away extends Error {}
export class Said extends Error {}
export class NoAccess extends Said {}

/** Ask for JSON. Away where there is no server, Said with its words where it refuses. */
async function call(address, sent) {
  const options = sent ? { method: "POST", body: JSON.stringify(sent), headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() } } : {};
  let response;
  try {
    response = await fetch(address, { ...options, headers: { Accept: "application/json", "HX-Request": "true", ...options.headers }, cache: "no-store" });
  } catch (fault) {
    throw new Away(fault.message);
  }
  if (response.ok) return response.json();
  if (response.status === 409 || response.status === 422) {
    const said = await response.json();
    throw new Said([said.message, ...(said.errors ?? []).map((one) => one.message)].filter(Boolean).join(" "));
  }
  if (response.status === 403 || response.status === 404) throw new NoAccess(gettext("You have no access to this any more. Your work stays on this device: save it into a rescue file and give it to the managers of the study."));
  throw new Away(String(response.status));
}

/** Whether the owner of this page is signed in; `ask`: have him sign in. The token of an old page is renewed. */
export async function isSignedIn(ask) {
  let state;
  try {
    state = await session();
  } catch {
    throw new Away("session");
  }
  if (!state && ask) {
    await signInAgain();
    state = await session();
  }
  if (!state) return false;
  if (state.user !== reader()) throw new Said(gettext("Somebody else is signed in here: sign in yourself to send your work."));
  setCsrfToken(state.csrf);
  return true;
}

export const situation = (urls, device) => call(`${urls.state}?device=${device ?? ""}`);
export const register = (urls, label, persistent) => call(urls.register, { label, persistent });
export const take = (urls, device, subjects) => call(urls.take, { device, subjects });
export const giveBack = (urls, device, subjects) => call(urls.give_back, { device, ...(subjects ? { subjects } : {}) });

const sendable = ({ sent, refused, became, ...piece }) => piece;

/** Send everything that waits, oldest first; one tab does so at a time. Gives how many were settled. */
export async function send(urls, desk) {
  return navigator.locks.request(`send ${desk.store.name}`, async () => {
    let settled = 0;
    const waiting = desk.unsent.filter((piece) => !piece.refused);
    for (let first = 0; first < waiting.length; first += AT_ONCE) {
      const pieces = waiting.slice(first, first + AT_ONCE);
      const { answers, revoked } = await call(urls.sync, { device: desk.device.id, sent_at: new Date().toISOString(), exported: desk.device.exported ?? 0, fragments: pieces.map(sendable) });
      if (desk.device.exported) await desk.keep("device", (desk.device = { ...desk.device, exported: 0 }));
      for (const answer of answers) {
        const piece = pieces.find((one) => one.id === answer.id);
        if (!piece || answer.state === "pending") continue;
        await desk.settle(piece, answer);
        settled += 1;
      }
      if (revoked) desk.device.revoked = true;
    }
    return settled;
  });
}

/** Send what a rescue file holds, in the name of its device. */
export async function sendRescued(urls, { device, fragments }) {
  const answers = [];
  for (let first = 0; first < fragments.length; first += AT_ONCE) answers.push(...(await call(urls.sync, { device, fragments: fragments.slice(first, first + AT_ONCE).map(sendable) })).answers);
  return answers;
}

/** The records as they are now, of everybody who is here; those included here get their place. */
export async function renew(urls, desk) {
  const ids = [...desk.subjects.values()].map((subject) => (subject.isNew ? subject.real : subject.id)).filter(Boolean);
  const became = new Map([...desk.subjects.values()].filter((subject) => subject.real).map((subject) => [subject.real, subject.id]));
  if (!ids.length) return null;
  const taken = await take(urls, desk.device.id, ids);
  await desk.takeRecords(taken);
  for (const { id } of taken.records) if (became.has(id) && !desk.unsentOf(became.get(id)).length) await desk.drop(became.get(id));
  for (const id of ids) if (!taken.records.some((subject) => subject.id === id) && desk.subjects.has(id) && !desk.unsentOf(id).length) await desk.drop(id);
  return taken;
}
