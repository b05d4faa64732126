// Lists of things that may be a hundred thousand long: searched by the server, page after page.
import { Button, Center, Stack, Table, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import { Empty, LoadError, LoadingRows } from './states';

const typing_ms = 250;

/** What is searched for, at once for the field and when typing pauses for the server. */
export function useSearch() {
  const [text, setText] = useState('');
  const [searched] = useDebouncedValue(text, typing_ms);
  return { text, setText, searched };
}

export function SearchField({ search, label }: { search: ReturnType<typeof useSearch>; label?: string }) {
  const { common } = useMessages();
  return (
    <TextInput
      type="search"
      aria-label={label ?? common.search}
      placeholder={label ?? common.search}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={search.text}
      onChange={(event) => search.setText(event.currentTarget.value)}
      w="min(20rem, 100%)"
    />
  );
}

interface ThingListProps<Thing> {
  query: UseInfiniteQueryResult<InfiniteData<{ result: Thing[]; next?: string }>>;
  searched: string;
  columns: ReactNode[];
  row: (thing: Thing) => ReactNode;
  /** Where nothing was searched for and there is nothing. */
  empty: ReactNode;
  caption: string;
}

/** `row` gives a Table.Tr with a key. */
export function ThingList<Thing>({ query, searched, columns, row, empty, caption }: ThingListProps<Thing>) {
  const { common } = useMessages();
  if (query.isError && !query.data) return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows />;
  const things = query.data.pages.flatMap((page) => page.result);
  if (things.length === 0) return searched ? <Empty text={common.nothingFound(searched)} /> : empty;
  return (
    <Stack>
      <Table.ScrollContainer minWidth={420} type="native">
        <Table highlightOnHover captionSide="top">
          <Table.Caption className="visually-hidden">{caption}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column, at) => (
                <Table.Th key={at} scope="col">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{things.map(row)}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
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
