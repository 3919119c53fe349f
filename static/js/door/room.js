// Is what this phone keeps safe? "ok"; "unsafe": the browser may throw it away when it needs room or nobody comes for a
// week; "full": nothing more can be written.

const LITTLE = 200_000; // bytes below which there is no room for another hour

// Asks the browser to keep what is here. Some ask the person, so do it once, when she has just tapped.
export async function askToStay() {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}

export async function state() {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    if (quota - usage < LITTLE) return "full";
    return (await navigator.storage.persisted()) ? "ok" : "unsafe";
  } catch {
    return "unsafe";
  }
}
