import { Alert, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changeDashboard, dashboardKeys, dashboardQuery, type Dashboard, type Visibility } from '@/api/dashboards';
import { CopyBlock } from '@/components/copy';
import { useMessages } from '@/i18n';

interface ShareFormProps {
  dashboard: Dashboard;
  /** It has panels whose sensors a variable chooses: others see only what they may see themselves. */
  hasVariables: boolean;
  onChanged: (dashboard: Dashboard) => void;
  onClose: () => void;
}

/** Who may see it, and the address of what is shown now. */
export function ShareForm({ dashboard, hasVariables, onChanged, onClose }: ShareFormProps) {
  const { common, dashboards } = useMessages();
  const client = useQueryClient();
  const changing = useMutation({
    mutationFn: (visibility: Visibility) => changeDashboard(dashboard.id, { visibility }),
    onSuccess: (changed) => {
      client.setQueryData(dashboardQuery(dashboard.id).queryKey, changed);
      onChanged(changed);
      void client.invalidateQueries({ queryKey: [...dashboardKeys.all, 'list'] });
    },
  });
  return (
    <Stack>
      {changing.error && (
        <Alert color="red" role="alert">
          {changing.error.message}
        </Alert>
      )}
      {dashboard.may_change ? (
        <NativeSelect
          label={dashboards.visibility}
          description={dashboards.visibilityHint}
          data-autofocus
          disabled={changing.isPending}
          value={changing.isPending ? changing.variables : dashboard.visibility}
          onChange={(event) => changing.mutate(event.currentTarget.value === 'users' ? 'users' : 'private')}
          data={(['private', 'users'] as const).map((value) => ({ value, label: dashboards.visibilities[value] }))}
        />
      ) : (
        <Text>
          {dashboards.visibility}: {dashboards.visibilities[dashboard.visibility]}
        </Text>
      )}
      {hasVariables && dashboard.visibility === 'users' && <Text size="sm">{dashboards.variablesNotShared}</Text>}
      <CopyBlock text={window.location.href} what={dashboards.link} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{common.close}</Button>
      </Group>
    </Stack>
  );
}
