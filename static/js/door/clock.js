// The phone's clock, and how far it is from the server's. Whatever happens is written down by the phone's own clock,
// with the milliseconds to add to it; they are measured as NTP does, at the middle of a request's way.
// A clock that is put forward or back meanwhile begins a new reckoning: what was written before keeps its own.

const JUMP = 1500; // ms between the two clocks of a browser that are more than drift
const OLD = 300_000; // ms after which a quicker measurement is not waited for
const run = crypto.getRandomValues(new Uint32Array(1))[0];

let base = Date.now() - performance.now();
let reckoning = 0;
const shifts = [0]; // by how many ms each reckoning's clock is ahead of the one before it
let measured = null; // {offset, trip, at} in this reckoning
let guess = 0; // the last offset known, from before perhaps
let wasHidden = document.hidden;

// Was the clock changed? A hidden phone that woke up may only have slept: some browsers' other clock sleeps too.
export function look() {
  const drift = Date.now() - performance.now() - base;
  base += drift;
  if (Math.abs(drift) > JUMP) {
    const shift = drift > 0 && wasHidden ? 0 : drift;
    shifts[++reckoning] = shift;
    guess -= shift;
    measured = null;
  }
  wasHidden = document.hidden;
}

// `sent` and `received` are what `instant` gave before and after the request that brought the server's `now`.
export function measure(now, sent, received) {
  look();
  const offset = Math.round(Date.parse(now) - (sent.wall + received.wall) / 2);
  const trip = received.steady - sent.steady;
  if (!Number.isFinite(offset) || sent.reckoning !== reckoning) return;
  if (measured && trip > measured.trip && received.steady - measured.at < OLD) return;
  measured = { offset, trip, at: received.steady };
  guess = offset;
}

export function instant() {
  look();
  return { wall: Date.now(), steady: performance.now(), reckoning };
}

export const isMeasured = () => measured !== null;
export const offset = () => guess;
export const assume = (milliseconds) => (guess = measured?.offset ?? milliseconds);

// Now, as well as this phone can know it.
export function now() {
  look();
  return new Date(Date.now() + guess);
}

// A moment to write down. `offset` is null until it is known.
export function stamp() {
  look();
  return { at: new Date().toISOString(), offset: measured?.offset ?? null, run, reckoning };
}

// What to add to a moment that was written down, or null as long as nobody knows.
export function offsetOf(moment) {
  look();
  if (moment.offset !== null) return moment.offset;
  if (!measured) return null;
  if (moment.run !== run) return measured.offset;
  return shifts.slice(moment.reckoning + 1).reduce((sum, shift) => sum + shift, measured.offset);
}

export function momentOf(moment) {
  return new Date(Date.parse(moment.at) + (offsetOf(moment) ?? guess));
}

document.addEventListener("visibilitychange", () => (wasHidden ||= document.hidden));
setInterval(look, 1000);
