// A soft two-tone for a new orange or red. Off until somebody wants it.

import { on } from "./state.js";
import { recall, remember, t } from "./i18n.js";
import { $ } from "./dom.js";

let context = null;
let enabled = recall("tocsin.sound") === "on";

function tone(frequency, at) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.12, at + 0.04);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 1);
}

function play(level) {
  context ??= new AudioContext();
  context.resume();
  const steps = level === "red" ? [659, 523, 659] : [523, 659];
  steps.forEach((frequency, n) => tone(frequency, context.currentTime + n * 0.35));
}

export function drawSound() {
  const button = $("sound");
  button.setAttribute("aria-pressed", String(enabled));
  button.title = t(enabled ? "sound_on" : "sound_off");
  button.setAttribute("aria-label", button.title);
}

export function startSound() {
  $("sound").addEventListener("click", () => {
    enabled = !enabled;
    remember("tocsin.sound", enabled ? "on" : "off");
    drawSound();
    if (enabled) play("orange");
  });
  on("raised", (command) => enabled && ["orange", "red"].includes(command.level) && play(command.level));
}
