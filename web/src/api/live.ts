// Readings as they become durable, over Server-Sent Events.
import { useEffect, useRef, useState } from 'react';

export interface LiveReading {
  timestamp: string;
  device_id: string;
  sensor_id: string;
  value: unknown;
}

/** How many sensors one stream may be asked for by name. */
export const live_sensors_max = 1_000;
/** What comes at once is not kept without bound: a query has it. */
const kept_max = 10_000;
const retry_ms = 5_000;

interface Told {
  onReadings: (readings: LiveReading[]) => void;
  /** Whether they come; a connection that broke off is made anew. */
  onOpen: (isOpen: boolean) => void;
}

/** Follows the sensors while the page can be seen: a browser has few connections to one server. Gives what ends it. */
export function follow(sensors: readonly string[], every_ms: number, { onReadings, onOpen }: Told): () => void {
  let source: EventSource | undefined;
  let come: LiveReading[] = [];
  let tellTimer = 0;
  let retryTimer = 0;
  const tell = () => {
    tellTimer = 0;
    const readings = come;
    come = [];
    onReadings(readings);
  };
  const open = () => {
    const made = new EventSource(`/api/consumers/live?sensors=${sensors.join(',')}`);
    source = made;
    made.onopen = () => onOpen(true);
    made.onmessage = (event: MessageEvent<string>) => {
      if (come.length < kept_max) come.push(JSON.parse(event.data) as LiveReading);
      tellTimer ||= window.setTimeout(tell, every_ms);
    };
    made.onerror = () => {
      onOpen(false);
      // After an answer that was a refusal the browser does not try again.
      if (made.readyState === EventSource.CLOSED) retryTimer = window.setTimeout(open, retry_ms);
    };
  };
  const close = () => {
    source?.close();
    source = undefined;
    window.clearTimeout(retryTimer);
  };
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') close();
    else if (!source) open();
  };
  document.addEventListener('visibilitychange', onVisibility);
  onVisibility();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
    window.clearTimeout(tellTimer);
  };
}

/** Calls `onReadings` with what has come, at most once in so many milliseconds, while `isOn`; whether they come. */
export function useLive(
  sensors: readonly string[],
  isOn: boolean,
  onReadings: (readings: LiveReading[]) => void,
  every_ms = 250,
): boolean {
  const [isOpen, setOpen] = useState(true);
  const told = useRef(onReadings);
  useEffect(() => {
    told.current = onReadings;
  });
  const key = sensors.slice(0, live_sensors_max).join(',');
  useEffect(() => {
    if (!isOn || key === '') return undefined;
    return follow(key.split(','), every_ms, {
      onReadings: (readings) => told.current(readings),
      onOpen: setOpen,
    });
  }, [key, isOn, every_ms]);
  return isOpen || !isOn;
}
