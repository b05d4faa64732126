import { Alert, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { dashboardQuery } from '@/api/dashboards';
import { Page } from '@/components/page';
import { LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { DashboardView } from './dashboard-view';
import { checkDocument } from './document';
import { download, fileName } from './file';
import { ShapeFaults } from './shape-faults';

export function DashboardPage() {
  const { dashboards } = useMessages();
  const { dashboard: id } = useParams({ from: '/dashboards/$dashboard' });
  const query = useQuery(dashboardQuery(id));
  const checked = useMemo(() => query.data && checkDocument(query.data.document), [query.data]);
  const above = [{ to: '/dashboards', label: dashboards.title }];
  if (query.isError && !query.data) {
    return (
      <Page title={dashboards.one} above={above}>
        <LoadError error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  if (!query.data || !checked) {
    return (
      <Page title={dashboards.one} above={above}>
        <LoadingRows rows={8} />
      </Page>
    );
  }
  const dashboard = query.data;
  if (!checked.value) {
    return (
      <Page
        title={dashboard.name}
        above={above}
        actions={
          <Button
            variant="default"
            onClick={() => download(fileName(dashboard.name), JSON.stringify(dashboard.document, undefined, 2))}
          >
            {dashboards.export}
          </Button>
        }
      >
        <Alert color="red" title={dashboards.notReadable} role="alert">
          <ShapeFaults faults={checked.faults} />
        </Alert>
      </Page>
    );
  }
  return <DashboardView key={id} dashboard={dashboard} saved={checked.value} />;
}
