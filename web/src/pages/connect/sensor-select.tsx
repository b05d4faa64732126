import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Sensor } from '@/api/client';
import { sensorsQuery } from '@/api/things';
import { useMessages } from '@/i18n';

const typing_ms = 250;

/** Names may be the same under other paths, and even under the same one. */
const labelOf = (sensor: Sensor) => `${sensor.path ? `${sensor.path}/` : ''}${sensor.name} (${sensor.id})`;

/** Chooses one of a device's sensors; the server searches. */
export function SensorSelect({ device, onChosen }: { device: string; onChosen: (sensor: Sensor) => void }) {
  const { connect } = useMessages();
  const [text, setText] = useState('');
  const [searched] = useDebouncedValue(text, typing_ms);
  const query = useInfiniteQuery(sensorsQuery(device, searched));
  const found = query.data?.pages.flatMap((page) => page.result) ?? [];
  return (
    <Select
      label={connect.sensor}
      placeholder={connect.sensorHint}
      searchable
      data={found.map((sensor) => ({ value: sensor.id, label: labelOf(sensor) }))}
      // The server has searched already.
      filter={({ options }) => options}
      value={null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(id) => {
        const sensor = found.find((each) => each.id === id);
        if (sensor) onChosen(sensor);
      }}
      nothingFoundMessage={query.isSuccess ? connect.noSensor : undefined}
      error={query.error?.message}
      maxDropdownHeight={260}
    />
  );
}
