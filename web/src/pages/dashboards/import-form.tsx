import { Alert, Button, FileInput, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { createDashboard, dashboardKeys, type Dashboard } from '@/api/dashboards';
import { useMessages } from '@/i18n';
import { checkFile } from './document';
import { ShapeFaults } from './shape-faults';

interface ImportFormProps {
  onSaved: (dashboard: Dashboard) => void;
  onCancel: () => void;
}

/** As large as the server takes a document, and some room for line breaks. */
const file_bytes_max = 1_000_000;

export function ImportForm({ onSaved, onCancel }: ImportFormProps) {
  const { common, dashboards } = useMessages();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [checked, setChecked] = useState<ReturnType<typeof checkFile>>();
  const importing = useMutation({
    mutationFn: createDashboard,
    onSuccess: async (dashboard) => {
      await client.invalidateQueries({ queryKey: [...dashboardKeys.all, 'list'] });
      onSaved(dashboard);
    },
  });
  const choose = async (chosen: File | null) => {
    importing.reset();
    setFile(chosen);
    setChecked(
      !chosen
        ? undefined
        : chosen.size > file_bytes_max
          ? { faults: [{ path: '', fault: 'range', expected: '≤ 1 MB' }] }
          : checkFile(await chosen.text()),
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (checked?.value) importing.mutate({ ...checked.value, visibility: 'private' });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {importing.error && (
          <Alert color="red" role="alert">
            {importing.error.message}
          </Alert>
        )}
        <FileInput
          label={dashboards.file}
          placeholder={dashboards.chooseFile}
          accept="application/json,.json"
          value={file}
          onChange={(chosen) => void choose(chosen)}
          data-autofocus
        />
        {checked?.faults && (
          <Alert color="red" title={dashboards.notImported} role="alert">
            <ShapeFaults faults={checked.faults} />
          </Alert>
        )}
        {checked?.value && (
          <Text role="status">{dashboards.willImport(checked.value.name, checked.value.document.panels.length)}</Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" disabled={!checked?.value} loading={importing.isPending}>
            {dashboards.import}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
