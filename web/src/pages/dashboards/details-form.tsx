import { TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { changeDashboard, createDashboard, dashboardKeys, dashboardQuery, type Dashboard } from '@/api/dashboards';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';
import { emptyDocument } from './document';

interface DetailsFormProps {
  /** Missing: a new one. */
  dashboard?: Dashboard;
  onSaved: (dashboard: Dashboard) => void;
  onCancel: () => void;
}

/** Name and description. Neither is part of the document, so that changing them is no change of what is shown. */
export function DetailsForm({ dashboard, onSaved, onCancel }: DetailsFormProps) {
  const { common } = useMessages();
  const client = useQueryClient();
  const form = useForm({
    draft: dashboard ? `dashboard.${dashboard.id}.details` : 'dashboard.new',
    initial: { name: dashboard?.name ?? '', description: dashboard?.description ?? '' },
    save: async (values) => {
      const saved = dashboard
        ? await changeDashboard(dashboard.id, values)
        : await createDashboard({ ...values, visibility: 'private', document: emptyDocument });
      client.setQueryData(dashboardQuery(saved.id).queryKey, saved);
      await client.invalidateQueries({ queryKey: [...dashboardKeys.all, 'list'] });
      onSaved(saved);
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={dashboard ? common.save : common.add}>
      <TextInput label={common.name} required maxLength={200} data-autofocus {...form.field('name')} />
      <Textarea label={common.description} autosize minRows={2} {...form.field('description')} />
    </FormBody>
  );
}
