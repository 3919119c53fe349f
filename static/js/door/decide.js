// The door's table without network: the same sentences in the same order as registrations/services/door_table.py.
// Both are tested with tests/registrations/door_cases.json. What only a phone has to say: its list may be older than
// the ticket before it. A real ticket that the list does not know, or knows an older one of, is let in "to be checked".

const OF_THE_TICKET = {
  cancelled: "cancelled", refused: "cancelled", waiting: "waiting", offered: "waiting", pending: "unconfirmed",
  requested: "unconfirmed", expired: "unconfirmed",
};
const ADMISSIBLE = ["pending", "expired", "waiting", "offered", "cancelled"];
const NOBODY_TO_FORCE = ["unknown", "wrong_event", "closed"];

// `person` is the roster's entry for the code, if it has one; `genuine` what the signature says (null: cannot tell);
// `left` the places left in the hall (null: as many as one likes). Gives {status, reason, toCheck}.
export function decide(scan) {
  const isNewer = isNewerThanList(scan);
  const toCheck = isNewer && scan.genuine === true;
  const reason = isNewer && scan.genuine === null ? "unknown" : reasonFor({ ...scan, toCheck });
  const status = statusFor(reason, scan);
  return { status, reason, toCheck: toCheck && status === "ok" };
}

function isNewerThanList({ ticket, event, person }) {
  if (ticket?.event !== event.id) return false;
  return !person || ticket.version > person.ticket_version;
}

function reasonFor(scan) {
  const reason = reasonAgainst(scan);
  if (!reason || !scan.admit || scan.direction !== "in" || isClosed(scan) || !isAdmissible(scan)) return reason;
  if (scan.left !== null && scan.left <= 0 && !holdsPlace(scan.person)) return "full";
  const admitted = { ...scan.person, state: "confirmed", mode: "in_person" };
  return reasonAgainst({ ...scan, ticket: null, person: admitted });
}

function reasonAgainst({ event, ticket, genuine, code, person, direction, at, force, toCheck }) {
  if (!code || genuine === false) return "unknown";
  if (ticket && ticket.event !== event.id) return "wrong_event";
  if (!person && !toCheck) return "unknown";
  if (force && isClosed({ event, at })) return "closed";
  if (direction === "out" && person && !isInside({ event, person, at }) && !isClosed({ event, at })) return "not_in";
  if (!toCheck) {
    if (person.state in OF_THE_TICKET) return OF_THE_TICKET[person.state];
    if (ticket && ticket.version !== person.ticket_version) return "replaced";
    if (person.mode === "online") return "online_only";
  }
  if (isClosed({ event, at })) return "closed";
  if (direction === "in" && isInside({ event, person, at })) return "already_in";
  return null;
}

// Over the night between two days of an event nobody is inside, whatever the list said in the evening.
function isInside({ event, person, at }) {
  const isOver = (morning) => new Date(person.since) < new Date(morning) && new Date(morning) <= at;
  return Boolean(person?.is_inside) && !(person.since && event.mornings?.some(isOver));
}

export function isClosed({ event, at }) {
  return event.is_cancelled || at < new Date(event.opens_at) || at > new Date(event.closes_at);
}

function isAdmissible({ event, ticket, genuine, person }) {
  if (!person || genuine === false || (ticket && ticket.event !== event.id)) return false;
  return ADMISSIBLE.includes(person.state) || (person.state === "confirmed" && person.mode === "online");
}

// Is a place in the hall kept for somebody who has still to say yes?
export const holdsPlace = (person) => ["pending", "offered"].includes(person?.state) && person.mode === "in_person";

function statusFor(reason, { code, genuine, person, force }) {
  if (!reason) return "ok";
  if (force) return NOBODY_TO_FORCE.includes(reason) ? "review" : "ok";
  if (reason === "already_in" || (reason === "not_in" && person.entered_at)) return "repeated";
  // Somebody may have registered since the roster came, with a code that this phone cannot check.
  if (reason === "unknown" && code && genuine !== false) return "review";
  return "refused";
}
