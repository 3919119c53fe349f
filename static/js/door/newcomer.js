// Somebody at the door who is not registered, as far as a phone can tell by itself.

import { isClosed } from "./decide.js";

export const nameOf = ({ first_name, last_name }) => `${first_name} ${last_name ?? ""}`.trim();

// What the server would say against an address, as a key of the words; "" where it takes it or there is none.
// The same rules as core/addresses.py, as far as a phone has to know them.
export function wrongAddress(email) {
  if (!email) return "";
  const [local, domain, ...more] = email.normalize("NFKC").split("@");
  if (!local || !domain || more.length || /\s/.test(email) || email.includes("..")) return "email.invalid";
  if (/[^\u0021-\u007e]/.test(local)) return "email.letters";
  return domain.replace(/\.+$/, "").includes(".") ? "" : "email.ending";
}

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
