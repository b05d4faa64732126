import { TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, data, type Consumer } from '@/api/client';
import { keys } from '@/api/things';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';

interface ConsumerFormProps {
  /** Missing: a new one. */
  consumer?: Consumer;
  onSaved: (consumer: Consumer) => void;
  onCancel: () => void;
}

export function ConsumerForm({ consumer, onSaved, onCancel }: ConsumerFormProps) {
  const { common } = useMessages();
  const client = useQueryClient();
  const form = useForm({
    draft: consumer ? `consumer.${consumer.id}` : 'consumer.new',
    initial: { name: consumer?.name ?? '', description: consumer?.description ?? '' },
    save: async (body) => {
      const answer = consumer
        ? api.PATCH('/api/consumers/{consumer_id}', { params: { path: { consumer_id: consumer.id } }, body })
        : api.POST('/api/consumers', { body });
      const { result } = await data<{ result: Consumer }>(answer);
      await client.invalidateQueries({ queryKey: keys.consumers });
      onSaved(result);
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={consumer ? common.save : common.add}>
      <TextInput label={common.name} required maxLength={200} data-autofocus {...form.field('name')} />
      <Textarea label={common.description} autosize minRows={2} {...form.field('description')} />
    </FormBody>
  );
}
