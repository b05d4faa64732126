import { Badge, Button, Group, Stack, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconUpload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { dashboardsQuery, type Dashboard } from '@/api/dashboards';
import { useMayWrite } from '@/api/session';
import { useTell } from '@/app/notices';
import { Dialog } from '@/components/form';
import { TextLink } from '@/components/links';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { DetailsForm } from './details-form';
import { ImportForm } from './import-form';

export function DashboardsPage() {
  const { common, dashboards } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const search = useSearch();
  const query = useInfiniteQuery(dashboardsQuery(search.searched));
  const [isAdding, adding] = useDisclosure();
  const [isImporting, importing] = useDisclosure();
  const open = (dashboard: Dashboard) => {
    tell(dashboards.added(dashboard.name));
    void navigate({ to: '/dashboards/$dashboard', params: { dashboard: dashboard.id } });
  };
  return (
    <Page
      title={dashboards.title}
      actions={
        mayWrite && (
          <>
            <Button variant="default" leftSection={<IconUpload size={16} aria-hidden />} onClick={importing.open}>
              {dashboards.import}
            </Button>
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
              {dashboards.add}
            </Button>
          </>
        )
      }
    >
      <Stack>
        <SearchField search={search} />
        <ThingList
          query={query}
          searched={search.searched}
          caption={dashboards.caption}
          columns={[common.name, dashboards.owner, dashboards.visibility, dashboards.changed]}
          row={(dashboard) => (
            <Table.Tr key={dashboard.id}>
              <Table.Td>
                <Group gap="xs">
                  <TextLink to="/dashboards/$dashboard" params={{ dashboard: dashboard.id }}>
                    {dashboard.name}
                  </TextLink>
                  {!dashboard.may_change && (
                    <Badge variant="default" tt="none">
                      {dashboards.viewOnly}
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td>{dashboard.owner}</Table.Td>
              <Table.Td>{dashboards.visibilities[dashboard.visibility]}</Table.Td>
              <Table.Td>
                <TimeText time={dashboard.updated} />
              </Table.Td>
            </Table.Tr>
          )}
          empty={
            <Empty text={mayWrite ? dashboards.none : dashboards.noneToSee}>
              {mayWrite && (
                <Button variant="default" onClick={adding.open}>
                  {dashboards.addFirst}
                </Button>
              )}
            </Empty>
          }
        />
      </Stack>
      <Dialog title={dashboards.add} opened={isAdding} onClose={adding.close}>
        <DetailsForm onCancel={adding.close} onSaved={open} />
      </Dialog>
      <Dialog title={dashboards.importTitle} opened={isImporting} onClose={importing.close}>
        <ImportForm onCancel={importing.close} onSaved={open} />
      </Dialog>
    </Page>
  );
}
