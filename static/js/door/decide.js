// The door's table without network: the same sentences in the same order as `reason_against` in
// registrations/services/checkin.py. Both are tested with tests/registrations/door_cases.json.

const OF_THE_TICKET = {
  cancelled: "cancelled", refused: "cancelled", waiting: "waiting", offered: "waiting", pending: "unconfirmed",
  requested: "unconfirmed", expired: "unconfirmed",
};
const NOBODY_TO_FORCE = ["unknown", "wrong_event", "closed"];

// `person` is the roster's entry for the code, if it has one; `genuine` what the signature says (null: cannot tell).
export function decide({ event, ticket, genuine, code, person, direction, at, force = false }) {
  const reason = reasonAgainst({ event, ticket, genuine, code, person, direction, at, force });
  return { status: statusFor(reason, { direction, person, force, mayBeNew: code && genuine !== false }), reason };
}

function reasonAgainst({ event, ticket, genuine, code, person, direction, at, force }) {
  if (!code || genuine === false) return "unknown";
  if (ticket && ticket.event !== event.id) return "wrong_event";
  if (!person) return "unknown";
  const isClosed = event.is_cancelled || at < new Date(event.opens_at) || at > new Date(event.closes_at);
  if (force && isClosed) return "closed";
  if (person.state in OF_THE_TICKET) return OF_THE_TICKET[person.state];
  if (ticket && ticket.version !== person.ticket_version) return "replaced";
  if (person.mode === "online") return "online_only";
  if (isClosed) return "closed";
  if (direction === "in" && person.is_inside) return "already_in";
  if (direction === "out" && !person.is_inside) return "not_in";
  return null;
}

function statusFor(reason, { direction, person, force, mayBeNew }) {
  if (!reason) return "ok";
  if (force) return NOBODY_TO_FORCE.includes(reason) ? "review" : "ok";
  if (reason === "already_in" || (reason === "not_in" && person.entered_at)) return "repeated";
  // Somebody may have registered since the roster came: with a real ticket, or a code that cannot be checked.
  if (reason === "unknown" && mayBeNew) return "review";
  return "refused";
}
