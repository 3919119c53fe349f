// The same door open in several tabs: what one of them does, the others hear. Where a browser cannot, they stay alone.

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("door") : null;

export const tell = (what, detail = null) => channel?.postMessage({ what, detail });

// `hear` has a function for each thing that may be told.
export function listen(hear) {
  channel?.addEventListener("message", ({ data: { what, detail } }) => hear[what]?.(detail));
}
