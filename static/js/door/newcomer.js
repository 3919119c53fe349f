// Somebody at the door who is not registered, as far as a phone can tell by itself.

import { isClosed } from "./decide.js";

export const nameOf = ({ first_name, last_name }) => `${first_name} ${last_name ?? ""}`.trim();

// What stands against her coming in, or null. `left` null: as many places as one likes.
export function against(person, { event, at, left, force }) {
  const missing = [!person.first_name?.trim() && "first_name", !person.consents?.privacy && "privacy"].filter(Boolean);
  if (missing.length) return refused("invalid", left, { missing });
  if (event && isClosed({ event, at })) return refused("closed", left);
  return !force && left !== null && left <= 0 ? refused("full", left) : null;
}

const refused = (reason, left, more) => ({
  status: "refused", reason, isRefused: true, isLocal: true, fields: {}, left, ...more,
});

export function welcome({ nonce, code, person, left, force }) {
  return {
    nonce, code, name: nameOf(person), organisation: person.organisation ?? "", group: null, needsHelp: false,
    status: "ok", reason: null, direction: "in", since: null, door: "", event: null, left,
    isLocal: true, isForced: force, toCheck: true,
  };
}
