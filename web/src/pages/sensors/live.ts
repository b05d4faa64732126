// Readings as they become durable, over Server-Sent Events.
import { useEffect, useRef } from 'react';

export interface LiveReading {
  timestamp: string;
  device_id: string;
  sensor_id: string;
  value: unknown;
}

/** Calls `onReadings` with what has come, at most once in so many milliseconds, while `isOn`. The browser reconnects by itself. */
export function useLive(sensor: string, isOn: boolean, onReadings: (readings: LiveReading[]) => void, every_ms = 250) {
  const told = useRef(onReadings);
  useEffect(() => {
    told.current = onReadings;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    const source = new EventSource(`/api/consumers/live?sensors=${encodeURIComponent(sensor)}`);
    // What comes while the page is hidden is not kept without bound: a query has it.
    const kept_max = 10_000;
    let come: LiveReading[] = [];
    let timer = 0;
    const tell = () => {
      timer = 0;
      const readings = come;
      come = [];
      told.current(readings);
    };
    source.onmessage = (event: MessageEvent<string>) => {
      if (come.length < kept_max) come.push(JSON.parse(event.data) as LiveReading);
      timer ||= window.setTimeout(tell, every_ms);
    };
    return () => {
      source.close();
      window.clearTimeout(timer);
    };
  }, [sensor, isOn, every_ms]);
}
