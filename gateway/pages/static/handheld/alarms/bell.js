// Sound and vibration at an alarm, for those who want them. Browsers allow neither before a tap, so they are off until
// somebody switches them on, and after a new start until the first touch.

import { buzz } from "/static/handheld/buzz.js";

const KEY = "aisle.bell";
let context = null;

/** Whether somebody wants them on this device. */
export function isOn() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/** Switch them on or off; called from a tap. */
export function setBell(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // forgotten at the next start, that is all
  }
  if (on) {
    wake();
    ring();
  }
}

function wake() {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  context.resume().catch(() => {});
}

/** Two short tones, soft enough for a shop with people in it, and a short shake. */
export function ring() {
  if (!isOn()) return;
  buzz([120, 80, 120]);
  if (context?.state === "closed" || !context) return;
  for (const [at, hertz] of [
    [0, 660],
    [0.18, 880],
  ]) {
    const from = context.currentTime + at;
    const tone = new OscillatorNode(context, { frequency: hertz });
    const loud = new GainNode(context, { gain: 0 });
    loud.gain.setValueAtTime(0.0001, from);
    loud.gain.exponentialRampToValueAtTime(0.2, from + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.16);
    tone.connect(loud).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.17);
  }
}

addEventListener("pointerdown", () => isOn() && wake(), { once: true });
