/** The sound of a new assignment: three rising notes. Silent where the browser does not allow sound yet. */
export function newAssignmentTone(): void {
  const context = new AudioContext();
  if (context.state !== 'running') {
    void context.close();
    return;
  }
  const gain = context.createGain();
  gain.gain.value = 0.25;
  gain.connect(context.destination);
  [660, 880, 1100].forEach((pitch, index) => {
    const note = context.createOscillator();
    note.frequency.value = pitch;
    note.connect(gain);
    note.start(context.currentTime + index * 0.2);
    note.stop(context.currentTime + index * 0.2 + 0.15);
    if (index === 2) note.onended = () => void context.close();
  });
}
