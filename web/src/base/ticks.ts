// Timers that go off together: what they change is drawn once, and not piece by piece.

interface Beat {
  listeners: Set<() => void>;
  timer: number;
}

const beats = new Map<number, Beat>();

/** Calls the listener every so many milliseconds, at the same moments as all others of this period. Gives what ends it. */
export function onTick(every_ms: number, listener: () => void): () => void {
  let beat = beats.get(every_ms);
  if (!beat) {
    const listeners = new Set<() => void>();
    const timer = window.setInterval(() => {
      for (const each of listeners) each();
    }, every_ms);
    beat = { listeners, timer };
    beats.set(every_ms, beat);
  }
  const { listeners, timer } = beat;
  // Of its own: the same function may listen twice.
  const own = () => listener();
  listeners.add(own);
  return () => {
    listeners.delete(own);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    beats.delete(every_ms);
  };
}
