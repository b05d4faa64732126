// Finding a device and its sensors among very many: the server searches while one types.
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Device, Sensor } from '@/api/client';
import { deviceQuery, devicesQuery, sensorsQuery } from '@/api/things';
import { useMessages } from '@/i18n';
import { pathOf } from './variables';

const typing_ms = 250;

interface PickerProps {
  label: string;
  error?: string | undefined;
}

interface DevicePickerProps extends PickerProps {
  value: string | null;
  onChange: (device: Device | undefined) => void;
}

export function DevicePicker({ label, value, onChange, error }: DevicePickerProps) {
  const { dashboards } = useMessages();
  const [written, setWritten] = useState('');
  const [searched] = useDebouncedValue(written, typing_ms);
  // The field shows the chosen one's name, which is not what is searched for.
  const chosen = useQuery({ ...deviceQuery(value ?? ''), enabled: value !== null && value !== '' });
  const chosenLabel = chosen.data && `${chosen.data.name} (${chosen.data.id})`;
  const query = useInfiniteQuery(devicesQuery(searched === chosenLabel ? '' : searched));
  const found = query.data?.pages.flatMap((page) => page.result) ?? [];
  const all = chosen.data && !found.some((each) => each.id === chosen.data.id) ? [chosen.data, ...found] : found;
  return (
    <Select
      label={label}
      error={error ?? query.error?.message}
      placeholder={dashboards.searchDevices}
      searchable
      searchValue={written}
      onSearchChange={setWritten}
      filter={({ options }) => options}
      nothingFoundMessage={query.isPending ? dashboards.searching : dashboards.nothingFound}
      data={all.map((device) => ({ value: device.id, label: `${device.name} (${device.id})` }))}
      value={value}
      onChange={(id) => onChange(all.find((device) => device.id === id))}
    />
  );
}

interface SensorPickerProps extends PickerProps {
  device: string;
  /** Those that can be chosen. */
  fits: (sensor: Sensor) => boolean;
  onPick: (sensor: Sensor) => void;
}

export function SensorPicker({ device, label, fits, onPick, error }: SensorPickerProps) {
  const { dashboards } = useMessages();
  const [written, setWritten] = useState('');
  const [searched] = useDebouncedValue(written, typing_ms);
  const query = useInfiniteQuery(sensorsQuery(device, searched));
  const found = (query.data?.pages.flatMap((page) => page.result) ?? []).filter(fits);
  return (
    <Select
      label={label}
      error={error ?? query.error?.message}
      placeholder={dashboards.searchSensors}
      searchable
      searchValue={written}
      onSearchChange={setWritten}
      filter={({ options }) => options}
      nothingFoundMessage={query.isPending ? dashboards.searching : dashboards.nothingFound}
      data={found.map((sensor) => ({
        value: sensor.id,
        label: `${pathOf(sensor)}${sensor.unit ? `, ${sensor.unit}` : ''} (${sensor.mapping.type})`,
      }))}
      value={null}
      onChange={(id) => {
        const sensor = found.find((each) => each.id === id);
        if (sensor) onPick(sensor);
        setWritten('');
      }}
    />
  );
}
