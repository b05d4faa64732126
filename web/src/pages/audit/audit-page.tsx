import { Alert, Button, Center, Stack, Table, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { auditQuery, type AuditEntry } from '@/api/audit';
import { useUser } from '@/api/session';
import { userQuery } from '@/api/users';
import { Page } from '@/components/page';
import { Empty, LoadError, LoadingRows } from '@/components/states';
import { TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { detailsOf, holds } from './details';
import { SubjectLink } from './subject-link';

export function AuditPage() {
  const { audit, users } = useMessages();
  const isAdmin = useUser().role === 'admin';
  return <Page title={audit.title}>{isAdmin ? <AuditLog /> : <Alert>{users.adminsOnly}</Alert>}</Page>;
}

function AuditLog() {
  const { common, audit } = useMessages();
  const [text, setText] = useState('');
  const query = useInfiniteQuery(auditQuery());
  const entries = query.data?.pages.flatMap((page) => page.result) ?? [];
  const whoIs = useUserNames(entries);
  if (query.isError && !query.data) return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows rows={10} />;
  if (entries.length === 0) return <Empty text={audit.none} />;
  const shown = entries.filter((entry) => holds(entry, whoIs(entry), text));
  return (
    <Stack>
      <TextInput
        type="search"
        aria-label={audit.filter}
        placeholder={audit.filter}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        w="min(24rem, 100%)"
      />
      {shown.length === 0 ? (
        <Empty text={audit.nothingShown(text)} />
      ) : (
        <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="region" aria-label={audit.caption}>
          <Table captionSide="top">
            <Table.Caption className="visually-hidden">{audit.caption}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                {[audit.time, audit.who, audit.what, audit.subject, audit.details, audit.address].map((column) => (
                  <Table.Th key={column} scope="col">
                    {column}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((entry) => (
                <Entry key={entry.id} entry={entry} who={whoIs(entry)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {query.hasNextPage && (
        <Center>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {common.more}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function Entry({ entry, who }: { entry: AuditEntry; who: string }) {
  const { audit } = useMessages();
  return (
    <Table.Tr>
      <Table.Td>
        <TimeText time={entry.time} />
      </Table.Td>
      <Table.Td>{who}</Table.Td>
      <Table.Td className="id">{entry.action}</Table.Td>
      <Table.Td className="id">
        <SubjectLink entry={entry} />
      </Table.Td>
      <Table.Td>
        {detailsOf(entry.details).map(({ name, before, value }) => (
          <div key={name} className="written">
            <span className="quiet">{name}: </span>
            {before === undefined ? value : audit.changed(before || audit.empty, value || audit.empty)}
          </div>
        ))}
      </Table.Td>
      {/* What the platform did of itself has no address, or its own name. */}
      <Table.Td className="id">{/^$|^iotplatform$/.test(entry.address) ? audit.platform : entry.address}</Table.Td>
    </Table.Tr>
  );
}

/** Entries name who did it by the id alone, which is shown where that user is no longer there. */
function useUserNames(entries: AuditEntry[]): (entry: AuditEntry) => string {
  const ids = [...new Set(entries.map((entry) => entry.user_id))];
  const names = useQueries({
    queries: ids.map((id) => ({ ...userQuery(id), staleTime: 60_000 })),
    combine: (answers) => new Map(answers.flatMap(({ data }) => (data ? [[data.id, data.username]] : []))),
  });
  return (entry) => names.get(entry.user_id) ?? entry.user_id;
}
