import { Alert, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operationsQuery } from '@/api/operations';
import { useUser } from '@/api/session';
import { Page } from '@/components/page';
import { LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { Backup } from './backup';
import { Overview } from './overview';
import { Refusals } from './refusals';
import { SettingsTable } from './settings-table';

export function OperationsPage() {
  const { operations } = useMessages();
  const isAdmin = useUser().role === 'admin';
  return <Page title={operations.title}>{isAdmin ? <Views /> : <Alert>{operations.adminsOnly}</Alert>}</Page>;
}

function Views() {
  const { operations } = useMessages();
  const query = useQuery(operationsQuery);
  const polls = query.data;
  const last = polls?.at(-1);
  if (!polls || !last) {
    return query.isError ? (
      <LoadError error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <LoadingRows rows={8} />
    );
  }
  return (
    <>
      {/* The numbers stay, and that they are old is said. */}
      {(query.isError || query.failureCount > 0) && query.failureReason && <LoadError error={query.failureReason} />}
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">{operations.overview}</Tabs.Tab>
          <Tabs.Tab value="refusals">{operations.refusals}</Tabs.Tab>
          <Tabs.Tab value="settings">{operations.settings}</Tabs.Tab>
          <Tabs.Tab value="backup">{operations.backup}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview polls={polls} />
        </Tabs.Panel>
        <Tabs.Panel value="refusals">
          <Refusals last={last} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SettingsTable />
        </Tabs.Panel>
        <Tabs.Panel value="backup">
          <Backup directory={last.data_dir} time={last.time} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
