// What panels have of the readings that come while they are looked at.
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { useLive } from '@/api/live';
import { onTick } from '@/base/ticks';
import { LiveHub } from './live-hub';
import type { Reading } from './panels/readings';

const Context = createContext<LiveHub | undefined>(undefined);

interface LiveReadingsProps {
  isOn: boolean;
  children: ReactNode;
  /** Is told whether the readings come. */
  onOpen: (isOpen: boolean) => void;
}

/** Panels inside it hear of the readings of the sensors that they show. */
export function LiveReadings({ isOn, onOpen, children }: LiveReadingsProps) {
  const [sensors, setSensors] = useState<string[]>([]);
  const [hub] = useState(() => new LiveHub(setSensors));
  const isOpen = useLive(sensors, isOn, (readings) => hub.tell(readings));
  useEffect(() => onOpen(isOpen), [isOpen, onOpen]);
  return <Context.Provider value={isOn ? hub : undefined}>{children}</Context.Provider>;
}

export interface Come {
  /** Of each index, in the order of their times. */
  readings: ReadonlyMap<string, Reading[]>;
  /** When they were looked at last. */
  now_ms: number;
}

interface Wish {
  indices: readonly string[];
  /** Of each index; older ones are forgotten. */
  kept_max: number;
  /** How often one wants to know. */
  every_ms: number;
  /** Also of the time, when nothing came. */
  always: boolean;
}

/** What has come since the panel is live; undefined where it is not. */
export function useLiveReadings({ indices, kept_max, every_ms, always }: Wish): Come | undefined {
  const hub = useContext(Context);
  const key = indices.join(',');
  const [come, setCome] = useState<Come>();
  useEffect(() => {
    if (!hub || key === '') return undefined;
    const kept = new Map<string, Reading[]>();
    let isNew = false;
    const show = () => {
      if (!isNew && !always) return;
      isNew = false;
      setCome({ readings: new Map(kept), now_ms: Date.now() });
    };
    const end = hub.listen(key.split(','), (readings) => {
      isNew = true;
      for (const { device_id, sensor_id, timestamp, value } of readings) {
        const index = `${device_id}_${sensor_id}`;
        const list = [...(kept.get(index) ?? []), { index, timestamp, value }];
        // Times of one form: their texts are in their order. Late ones are rare.
        if (timestamp < (list.at(-2)?.timestamp ?? '')) list.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
        kept.set(index, list.slice(-kept_max));
      }
    });
    const endTicks = onTick(every_ms, show);
    return () => {
      endTicks();
      end();
      setCome(undefined);
    };
  }, [hub, key, kept_max, every_ms, always]);
  return come;
}
