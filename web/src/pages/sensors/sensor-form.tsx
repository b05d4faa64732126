import { NativeSelect, TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, data, type Sensor } from '@/api/client';
import { keys } from '@/api/things';
import { formatDuration } from '@/base/format';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';

type MappingType = Sensor['mapping']['type'];

const types: MappingType[] = [
  'double',
  'float',
  'long',
  'integer',
  'short',
  'byte',
  'boolean',
  'keyword',
  'text',
  'date',
  'geo_point',
  'object',
];

interface SensorFormProps {
  device: string;
  /** Missing: a new one. */
  sensor?: Sensor;
  onSaved: (sensor: Sensor) => void;
  onCancel: () => void;
}

export function SensorForm({ device, sensor, onSaved, onCancel }: SensorFormProps) {
  const { common, devices, sensors } = useMessages();
  const client = useQueryClient();
  const form = useForm({
    draft: sensor ? `sensor.${sensor.id}` : `sensor.new.${device}`,
    initial: {
      name: sensor?.name ?? '',
      unit: sensor?.unit ?? '',
      type: sensor?.mapping.type ?? 'double',
      path: sensor?.path ?? '',
      description: sensor?.description ?? '',
      retention: sensor?.retention ? formatDuration(sensor.retention) : '',
    },
    fieldOf: (field) => (/mapping/.test(field) ? 'type' : field.replace(/^\[?[0-9]+\]?\./, '')),
    save: async ({ type, retention, ...texts }) => {
      const body = { ...texts, retention: retention || null };
      const path = { device_id: device };
      const saved = sensor
        ? (
            await data(
              api.PATCH('/api/devices/{device_id}/sensors/{sensor_id}', {
                params: { path: { ...path, sensor_id: sensor.id } },
                body,
              }),
            )
          ).result
        : await data(
            api.POST('/api/devices/{device_id}/sensors', {
              params: { path },
              body: { ...body, mapping: { type: type as MappingType } },
            }),
          );
      await client.invalidateQueries({ queryKey: keys.devices });
      // One was sent, so one is answered.
      onSaved(Array.isArray(saved) ? (saved[0] as Sensor) : saved);
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={sensor ? common.save : common.add}>
      <TextInput label={common.name} required maxLength={200} data-autofocus {...form.field('name')} />
      <TextInput label={sensors.unit} description={sensors.unitHint} maxLength={64} {...form.field('unit')} />
      <NativeSelect
        label={sensors.type}
        data={types}
        disabled={sensor !== undefined}
        description={sensor && sensors.typeFixed}
        {...form.field('type')}
      />
      <TextInput label={sensors.path} description={devices.pathHint} {...form.field('path')} />
      <Textarea label={common.description} autosize minRows={2} {...form.field('description')} />
      <TextInput label={devices.retention} description={devices.retentionHint} {...form.field('retention')} />
    </FormBody>
  );
}
