import { TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, data, type Device } from '@/api/client';
import { keys } from '@/api/things';
import { formatDuration } from '@/base/format';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';

interface DeviceFormProps {
  /** Missing: a new one. */
  device?: Device;
  onSaved: (device: Device) => void;
  onCancel: () => void;
}

const durationText = (seconds: number | null) => (seconds === null ? '' : formatDuration(seconds));

export function DeviceForm({ device, onSaved, onCancel }: DeviceFormProps) {
  const { common, devices } = useMessages();
  const client = useQueryClient();
  const form = useForm({
    draft: device ? `device.${device.id}` : 'device.new',
    initial: {
      name: device?.name ?? '',
      description: device?.description ?? '',
      retention: durationText(device?.retention ?? null),
      silent_after_s: durationText(device?.silent_after_s ?? null),
    },
    save: async ({ name, description, retention, silent_after_s }) => {
      const body = { name, description, retention: retention || null, silent_after_s: silent_after_s || null };
      const answer = device
        ? api.PATCH('/api/devices/{device_id}', { params: { path: { device_id: device.id } }, body })
        : api.POST('/api/devices', { body });
      const { result } = await data<{ result: Device }>(answer);
      await client.invalidateQueries({ queryKey: keys.devices });
      onSaved(result);
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={device ? common.save : common.add}>
      <TextInput label={common.name} required maxLength={200} data-autofocus {...form.field('name')} />
      <Textarea label={common.description} autosize minRows={2} {...form.field('description')} />
      <TextInput label={devices.retention} description={devices.retentionHint} {...form.field('retention')} />
      <TextInput label={devices.silentAfter} description={devices.silentAfterHint} {...form.field('silent_after_s')} />
    </FormBody>
  );
}
