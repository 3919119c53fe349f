// One big answer over the whole screen, that differs to the eye, the ear and the hand.

import { clock, element, say, word } from "./page.js";

const GONE_AFTER = 2500; // ms, for a plain welcome; everything else stays until somebody reads it
const FORCEABLE = ["cancelled", "waiting", "unconfirmed", "online_only", "replaced", "unknown"];
const SOUNDS = {
  ok: [["sine", 660, 0, 0.1], ["sine", 990, 0.1, 0.18]],
  repeated: [["triangle", 440, 0, 0.12], ["triangle", 440, 0.2, 0.12]],
  refused: [["square", 150, 0, 0.45]],
  review: [["triangle", 520, 0, 0.3]],
}; // wave, hertz, from, for (seconds)
const SHAKES = { ok: [70], repeated: [80, 70, 80], refused: [350, 90, 350], review: [80, 60, 80, 60, 80] };

const dialog = element("answer");
let audio = null;
let timer = 0;
let shown = null;

// `handlers`: force(answer), undo(answer).
export function prepare(handlers) {
  const closing = (then) => () => {
    const answer = shown;
    hide();
    then?.(answer);
  };
  element("answer-next").addEventListener("click", closing());
  element("answer-force").addEventListener("click", closing(handlers.force));
  element("answer-undo").addEventListener("click", closing(handlers.undo));
  dialog.addEventListener("cancel", () => hide());
  // Phones let a page make a sound only after somebody has touched it.
  document.addEventListener("pointerdown", () => (audio ??= new AudioContext()).resume(), { passive: true });
}

export function show(answer) {
  shown = answer;
  const { status } = answer;
  dialog.dataset.status = status;
  element("answer-title").textContent = title(answer);
  element("answer-name").textContent = answer.name ?? "";
  element("answer-hint").textContent = hint(answer);
  const mayForce = !answer.isForced && (status === "review" || (status === "refused" && FORCEABLE.includes(answer.reason)));
  element("answer-force").hidden = !mayForce || answer.direction === "out" || !answer.text;
  element("answer-undo").hidden = status !== "ok";
  if (!dialog.open) dialog.showModal();
  element("answer-next").focus();
  say([title(answer), answer.name, hint(answer)].filter(Boolean).join(". "));
  ring(status);
  clearTimeout(timer);
  if (status === "ok") timer = setTimeout(hide, GONE_AFTER);
}

export function hide() {
  clearTimeout(timer);
  if (dialog.open) dialog.close();
}

export function title({ status, reason, direction, since }) {
  if (status === "ok") return word(direction === "out" ? "out" : "in");
  if (status === "review") return word("review");
  if (reason === "already_in" && since) return word("already_in.since", { time: clock(since) });
  return word(reason);
}

function hint({ status, reason, group, isForced, isLocal }) {
  if (status === "ok") {
    return [group && word("group", { number: group }), reason && word("forced.hint")].filter(Boolean).join(" · ");
  }
  if (status === "review") return word(isForced || !isLocal ? "review.kept" : "review.hint");
  return word(`${reason}.hint`);
}

function ring(status) {
  navigator.vibrate?.(SHAKES[status]);
  if (audio?.state !== "running") return;
  for (const [wave, hertz, from, length] of SOUNDS[status]) {
    const tone = new OscillatorNode(audio, { type: wave, frequency: hertz });
    const volume = new GainNode(audio, { gain: 0.25 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + from);
    tone.stop(audio.currentTime + from + length);
  }
}
