import { Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, data, type Sensor } from '@/api/client';
import { keys } from '@/api/things';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';

/** A device with one sensor of numbers. */
export function NewDeviceForm({ onMade }: { onMade: (sensor: Sensor) => void }) {
  const { connect } = useMessages();
  const client = useQueryClient();
  // Where the sensor was refused, the device is there already.
  const made = useRef<string>(undefined);
  const form = useForm({
    draft: 'connect',
    initial: { device: connect.suggestedDevice, sensor: connect.suggestedSensor, unit: '°C' },
    fieldOf: (field) => (field === 'name' ? (made.current ? 'sensor' : 'device') : field),
    save: async ({ device, sensor: name, unit }) => {
      made.current ??= (await data(api.POST('/api/devices', { body: { name: device } }))).result.id;
      const sensor = await data(
        api.POST('/api/devices/{device_id}/sensors', {
          params: { path: { device_id: made.current } },
          body: { name, unit, mapping: { type: 'double' } },
        }),
      );
      await client.invalidateQueries({ queryKey: keys.devices });
      // One was sent, so one is answered.
      onMade(Array.isArray(sensor) ? (sensor[0] as Sensor) : sensor);
    },
  });
  return (
    <FormBody form={form} saveLabel={connect.create}>
      <TextInput label={connect.deviceName} required maxLength={200} {...form.field('device')} />
      <TextInput label={connect.sensorName} required maxLength={200} {...form.field('sensor')} />
      <TextInput label={connect.unit} maxLength={64} {...form.field('unit')} />
      <Text size="sm" className="quiet">
        {connect.valueHint}
      </Text>
    </FormBody>
  );
}
