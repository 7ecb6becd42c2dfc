/** One short tone per level, told apart by pitch and rhythm. Muted for minutes, never for the shift. */
import type { Priority } from '../../api/types';
import { createStore } from '../../app/store';

/** Pitches in hertz, one after another; the more urgent, the higher and the more of them. */
const TONES: Record<Priority, readonly number[]> = {
  1: [880, 880, 1175],
  2: [784, 784],
  3: [587],
  4: [440],
};
const NOTE_S = 0.12;
const REST_S = 0.06;
const LOUDNESS = 0.14;

export const sound = createStore<{ mutedUntil: number }>({ mutedUntil: 0 });

export function mute(minutes: number): void {
  sound.set({ mutedUntil: minutes > 0 ? Date.now() + minutes * 60_000 : 0 });
}

let audio: AudioContext | null = null;
let busyUntil_s = 0;

/** Plays a level's tone after any that still sounds. A browser that has seen no click yet stays silent. */
export function play(priority: Priority): void {
  if (Date.now() < sound.get().mutedUntil || typeof AudioContext === 'undefined') return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') {
    void audio.resume();
    if (!navigator.userActivation?.hasBeenActive) return;
  }
  let at = Math.max(audio.currentTime + 0.02, busyUntil_s);
  if (at > audio.currentTime + 1.5) return; // a burst of alarms is one sound, not a minute of them
  for (const pitch of TONES[priority]) {
    const voice = audio.createOscillator();
    const gain = audio.createGain();
    voice.type = 'triangle';
    voice.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.012);
    gain.gain.setValueAtTime(LOUDNESS, at + NOTE_S - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + NOTE_S);
    voice.connect(gain).connect(audio.destination);
    voice.start(at);
    voice.stop(at + NOTE_S + 0.02);
    at += NOTE_S + REST_S;
  }
  busyUntil_s = at + 0.25;
}
