// What is said of a code that was read: by this phone, out of its list and the ticket's signature, and by the server.

import { decide, holdsPlace } from "./decide.js";
import * as store from "./store.js";
import { isGenuine, read } from "./ticket.js";

// What was read at the door of `phone`: {ticket, code, genuine, other, here}: `other` is another event of this phone's,
// `here` what it knows of its own without a list.
export async function find(text, phone, roster) {
  const { ticket, code } = roster.people.has(text) ? { code: text } : read(text);
  const genuine = ticket ? await isGenuine(ticket, roster.keys) : null;
  const other = await elsewhere({ ticket, code }, phone, roster);
  const here = phone.events.find(({ slug }) => slug === phone.slug);
  return { ticket: ticket ?? (other && { event: other.id ?? null }), code, genuine, other, here };
}

async function elsewhere({ ticket, code }, phone, roster) {
  const others = phone.events.filter(({ slug }) => slug !== phone.slug);
  if (ticket) return others.find(({ id }) => id === ticket.event);
  if (!code || roster.people.has(code)) return null;
  for (const other of others) if (await store.person(other.slug, code)) return other;
  return null;
}

// This phone's own answer to what was found; `how` is {direction, force, admit, at}.
export function judge({ ticket, code, genuine, other, here }, how, { kept, people, left }) {
  const isForged = genuine === false;
  const person = isForged ? undefined : people.get(code); // whose code it bears is nobody's business
  const { status, reason, toCheck } = decide({ event: kept?.event ?? here, ticket, genuine, code, person, left, ...how });
  const { name = "", organisation = "", group = null, needs_help: needsHelp = false, is_inside, since, door, state } = person ?? {};
  const presence = is_inside ? { since, door } : { since: null, door: "" };
  const event = reason === "wrong_event" && other ? { slug: other.slug, title: other.title, isMine: true } : null;
  const kind = isForged ? "forged" : code ? "" : "foreign";
  const about = { kind, holdsPlace: holdsPlace(person), event, isLocal: true };
  return { status, reason, toCheck, code, name, organisation, group, needsHelp, state, ...presence, ...about };
}

// The server's: a `result`, or the refusal of a whole request.
export const told = (result, body) => ({ ...(result ? fromServer(result) : refusal(body)), isLocal: false });

function fromServer({ status, reason, message = "", person, event = null }) {
  const told = { status, reason, message, event, toCheck: false };
  if (!person) return told;
  const { code, name, organisation = "", group = null, needs_help: needsHelp = false, since = null, door = "", state } = person;
  return { ...told, code, name, organisation, group, needsHelp, since, door, state };
}

function refusal({ code, message, fields = {} }) {
  return { status: "refused", isRefused: true, reason: code, message, fields, toCheck: false };
}
