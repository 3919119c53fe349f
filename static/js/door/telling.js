// How an answer of the book is told: which of the six looks it has, its words, and what may be done about it.
// Nothing here touches the page; answer.js, paper.js and the notices say the same thing in the same words.

import { now } from "./clock.js";
import { clock, day, word } from "./page.js";

const MAY_GET_A_PLACE = ["online_only", "waiting", "unconfirmed", "cancelled"];
const HELD_FOR = ["unconfirmed", "waiting"];
const MAY_BE_LET_IN = [...MAY_GET_A_PLACE, "full", "replaced"];

export function lookOf({ status, reason, direction, toCheck, event }) {
  if (status === "repeated" || (status === "refused" && reason === "not_in")) return "again";
  if (status === "review" || status === "unread" || event?.isMine) return "ask";
  if (status === "refused") return "stop";
  if (toCheck) return "check";
  return direction === "out" ? "out" : "in";
}

// The name of the drawing in _checkin_signs.html.
export function signOf(answer) {
  const look = lookOf(answer);
  return look === "stop" ? keyOf(answer) || "unknown" : look;
}

// The server's own words for what it refuses.
export const sentenceOf = ({ fields, message }) => Object.values(fields ?? {})[0] ?? message;

const isRefusedWalkIn = ({ isNew, isRefused }) => Boolean(isNew && isRefused);

export function titleOf(answer, event) {
  const { status, reason, direction, since, toCheck } = answer;
  if (isRefusedWalkIn(answer)) return word("not_registered");
  if (status === "ok" && direction !== "out" && toCheck) return word("in.check");
  if (status === "ok") return word(direction === "out" ? "out" : "in");
  if (status === "review" || status === "unread") return word(status);
  if (reason === "already_in" && since) return word("already_in.since", { time: clock(since) });
  if (reason === "closed") return word(closedHow(event));
  if (answer.event?.isMine) return word("other_door");
  return word(keyOf(answer)) || word("unknown");
}

export function hintOf(answer, { event, left } = {}) {
  const { status, reason, isForced, isLocal, isUnkept, isNew, door, toCheck } = answer;
  if (isUnkept) return word("unkept.hint");
  if (status === "unread") return word("unread.hint");
  if (isRefusedWalkIn(answer)) return `${sentenceOf(answer)} ${word("not_registered.hint")}`;
  if (status === "ok") {
    if (isNew && isLocal) return word("new.hint");
    if (toCheck) return word("in.check.hint");
    return reason ? word("forced.hint") : "";
  }
  if (status === "review") return word(isForced || !isLocal ? "review.kept" : "review.hint");
  if (reason === "already_in") return [door && word("at.door", { door }), word("already_in.hint")].filter(Boolean).join(" ");
  if (reason === "wrong_event" && answer.event) return otherEvent(answer.event);
  if (reason === "closed") return closedHow(event) === "closed.early" ? word("closed.opens", opening(event)) : word("closed.hint");
  if (isHeld(answer)) return word("held.hint");
  if (MAY_GET_A_PLACE.includes(reason)) return `${whyNoPlace(answer)} ${places(left)}`.trim();
  return word(`${keyOf(answer)}.hint`) || word("unknown.hint");
}

// What the server calls unknown, a phone may know better.
const keyOf = ({ reason, kind }) => (reason === "unknown" && kind ? kind : reason);

const isHeld = ({ holdsPlace, reason }) => Boolean(holdsPlace) && HELD_FOR.includes(reason);

export const mayGetAPlace = (answer, left) =>
  (left > 0 || isHeld(answer)) && answer.direction !== "out" && answer.status === "refused" && MAY_GET_A_PLACE.includes(answer.reason);

// The one or two things that make sense, as names of buttons; the first is the likelier one.
export function actionsFor(answer, left) {
  const { status, reason, direction, isForced, isLocal, text } = answer;
  if (status === "unread") return ["search"];
  if (status === "ok") return ["undo"];
  if (isRefusedWalkIn(answer)) return [];
  if (status === "repeated") return reason === "already_in" ? ["exit"] : ["entrance"];
  if (status === "review") return isForced || !isLocal || direction === "out" || !text ? [] : ["force"];
  if (reason === "not_in") return ["entrance"];
  if (reason === "unknown" && answer.kind === "forged") return ["search"];
  if (answer.event?.isMine) return ["switch"];
  if (reason === "wrong_event") return ["search", "add"];
  if (reason === "unknown" || reason === "invalid") return ["add", "search"];
  if (direction === "out" || !text) return [];
  if (mayGetAPlace(answer, left)) return ["admit", "force"];
  if (reason === "replaced") return ["search", "force"];
  return MAY_BE_LET_IN.includes(reason) ? ["force"] : [];
}

// What goes on to the next person says, too, what becomes of this one.
export function nextOf(answer) {
  const { status, direction, isUnkept } = answer;
  if (status === "unread") return word("next.again");
  const staysOut = lookOf(answer) === "stop" && direction !== "out" && !isUnkept && !isRefusedWalkIn(answer);
  return word(staysOut ? "next.stop" : "next");
}

// Whom or what it is about, in the largest letters after the title.
export const aboutOf = ({ name, event }) => name || event?.title || "";

// Does the server say something else than what was shown?
export function differs(shown, told) {
  if (shown.status === "ok" && told.status === "ok") return !shown.isForced && (shown.reason || null) !== (told.reason || null);
  return shown.status !== told.status || (shown.reason || null) !== (told.reason || null);
}

// A phone's list only says that somebody no longer comes, and the reason leaves open what was not done in time.
function whyNoPlace({ reason, state, isLocal }) {
  if (reason === "cancelled" && isLocal) return word("cancelled.local.hint");
  return word(`${reason}.${state}.hint`) || word(`${reason}.hint`);
}

function closedHow(event) {
  if (event?.is_cancelled) return "closed.called_off";
  if (event?.opens_at && now() < new Date(event.opens_at)) return "closed.early";
  if (event?.closes_at && now() > new Date(event.closes_at)) return "closed.over";
  return "closed";
}

const opening = ({ opens_at }) => ({ day: day(opens_at), time: clock(opens_at) });

function otherEvent({ starts_at, town, isMine }) {
  const when = starts_at && word("on.day", { day: day(starts_at), time: clock(starts_at) });
  const where = [when, town].filter(Boolean).join(" · ");
  return [where && `${where}.`, word(isMine ? "other_door.hint" : "wrong_event.hint")].filter(Boolean).join(" ");
}

function places(left) {
  if (!Number.isInteger(left)) return "";
  if (left <= 0) return word("left.none");
  return left === 1 ? word("left.one") : word("left.many", { count: left });
}
