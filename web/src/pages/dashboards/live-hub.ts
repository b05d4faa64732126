// The readings that come while a dashboard is looked at: one stream, of which each panel is told what it shows.
import type { LiveReading } from '@/api/live';

type Listener = (readings: LiveReading[]) => void;

export class LiveHub {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #onSensors: (sensors: string[]) => void;
  #isTold = true;

  /** `onSensors` is told, soon after it changed, of which sensors the listeners want to hear. */
  constructor(onSensors: (sensors: string[]) => void) {
    this.#onSensors = onSensors;
  }

  /** The sensors by their indices, <device>_<sensor>. Gives what ends it. */
  listen(indices: readonly string[], listener: Listener): () => void {
    for (const index of indices) {
      const listeners = this.#listeners.get(index) ?? new Set();
      this.#listeners.set(index, listeners.add(listener));
    }
    this.#changed();
    return () => {
      for (const index of indices) {
        const listeners = this.#listeners.get(index);
        listeners?.delete(listener);
        if (listeners?.size === 0) this.#listeners.delete(index);
      }
      this.#changed();
    };
  }

  tell(readings: readonly LiveReading[]): void {
    const told = new Map<Listener, LiveReading[]>();
    for (const reading of readings) {
      for (const listener of this.#listeners.get(`${reading.device_id}_${reading.sensor_id}`) ?? []) {
        const list = told.get(listener);
        if (list) list.push(reading);
        else told.set(listener, [reading]);
      }
    }
    for (const [listener, list] of told) listener(list);
  }

  /** Panels come and go together: they are told of once. */
  #changed(): void {
    if (!this.#isTold) return;
    this.#isTold = false;
    queueMicrotask(() => {
      this.#isTold = true;
      const sensors = new Set([...this.#listeners.keys()].map((index) => index.slice(index.indexOf('_') + 1)));
      this.#onSensors([...sensors].sort());
    });
  }
}
