// What an answer sounds and feels like: each looks, sounds and shakes in a way of its own, also in a noisy hall and for who
// cannot tell red from green. Made by the phone itself: no files.

// wave, hertz, from, for (seconds); phones are deaf below 300 Hz
const SOUNDS = {
  in: [["sine", 784, 0, 0.1], ["sine", 1175, 0.1, 0.2]],
  out: [["sine", 1175, 0, 0.1], ["sine", 784, 0.1, 0.2]],
  check: [["sine", 784, 0, 0.1], ["sine", 1175, 0.1, 0.1], ["sine", 784, 0.25, 0.1], ["sine", 1175, 0.35, 0.15]],
  ask: [["triangle", 698, 0, 0.12], ["triangle", 587, 0.16, 0.12], ["triangle", 698, 0.32, 0.12]],
  again: [["triangle", 587, 0, 0.14], ["triangle", 587, 0.22, 0.14]],
  stop: [["square", 392, 0, 0.28], ["square", 311, 0.3, 0.45]],
  changed: [["triangle", 1319, 0, 0.07], ["triangle", 1319, 0.12, 0.07], ["triangle", 1319, 0.24, 0.07]],
};
const LOUD = { sine: 0.5, triangle: 0.6, square: 0.25 };
export const SHAKES = {
  in: [70], out: [70, 60, 25], check: [70, 60, 70, 60, 70], ask: [120, 60, 120, 60, 120], again: [160, 90, 160], stop: [400, 100, 400],
  changed: [40, 40, 40, 40, 40],
};
const CHANGED = 0.45; // seconds that the signal of a correction comes before the answer's own

let audio = null;

// Phones let a page make a sound only after somebody has touched it.
export function prepare() {
  const wake = () => (audio ??= new AudioContext()).resume();
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake, { passive: true });
}

// `isCorrection`: the answer on the screen has just become another one.
export function signal(look, { isCorrection = false } = {}) {
  navigator.vibrate?.(isCorrection ? [...SHAKES.changed, 150, ...SHAKES[look]] : SHAKES[look]);
  if (audio?.state !== "running") return;
  if (isCorrection) play(SOUNDS.changed, 0);
  play(SOUNDS[look], isCorrection ? CHANGED : 0);
}

function play(tones, later) {
  for (const [wave, hertz, from, length] of tones) {
    const tone = new OscillatorNode(audio, { type: wave, frequency: hertz });
    const volume = new GainNode(audio, { gain: LOUD[wave] });
    const start = audio.currentTime + later + from;
    volume.gain.setValueAtTime(LOUD[wave], start + length - 0.02);
    volume.gain.linearRampToValueAtTime(0, start + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length);
  }
}
