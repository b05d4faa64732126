import { Alert, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { fetchOperations, poll_ms } from '@/api/operations';
import { useUser } from '@/api/session';
import { formatCount } from '@/base/format';
import { FactsCard } from '@/components/facts-card';
import { Page } from '@/components/page';
import { LoadError } from '@/components/states';
import { useI18n } from '@/i18n';

export function JobsPage() {
  const { jobs } = useI18n().messages;
  const isAdmin = useUser().role === 'admin';
  return (
    <Page title={jobs.title}>
      <Stack maw="48rem">
        <Alert>{jobs.noJobs}</Alert>
        <Title order={2} size="h3">
          {jobs.runs}
        </Title>
        {isAdmin ? (
          <Storing />
        ) : (
          <FactsCard title={jobs.storing} hint={jobs.storingHint} facts={[]}>
            <Text>{jobs.adminsOnly}</Text>
          </FactsCard>
        )}
      </Stack>
    </Page>
  );
}

function Storing() {
  const { language, messages } = useI18n();
  const { jobs } = messages;
  const query = useQuery({
    queryKey: ['operations', 'now'],
    queryFn: ({ signal }) => fetchOperations(signal),
    refetchInterval: poll_ms,
  });
  const count = (value: number) => formatCount(value, language);
  const now = query.data;
  return (
    <>
      {query.error && <LoadError error={query.error} onRetry={() => void query.refetch()} />}
      <FactsCard
        title={jobs.storing}
        hint={jobs.storingHint}
        facts={[
          [jobs.written, now && jobs.position(count(now.log.last_position))],
          [jobs.compressed, now && jobs.position(count(now.store.applied_position))],
          [jobs.waiting, now && jobs.records(count(Math.max(0, now.log.last_position - now.store.applied_position)))],
        ]}
      >
        <Text size="sm" className="quiet">
          {jobs.waitingHint}
        </Text>
      </FactsCard>
    </>
  );
}
