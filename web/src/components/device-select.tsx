import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { devicesQuery } from '@/api/things';
import { useMessages } from '@/i18n';

const typing_ms = 250;

interface Chosen {
  id: string;
  name: string;
}

interface DeviceSelectProps {
  chosen: Chosen | null;
  onChosen: (device: Chosen | null) => void;
}

/** Names need not be unique, ids are. */
const labelOf = ({ id, name }: Chosen) => `${name} (${id})`;

/** Chooses one of the devices, of which there may be a hundred thousand: the server searches. */
export function DeviceSelect({ chosen, onChosen }: DeviceSelectProps) {
  const { consumers } = useMessages();
  const [text, setText] = useState(chosen ? labelOf(chosen) : '');
  const [typed] = useDebouncedValue(text, typing_ms);
  // The label of what is chosen is no search.
  const searched = chosen && typed === labelOf(chosen) ? '' : typed;
  const query = useInfiniteQuery(devicesQuery(searched));
  const found: Chosen[] = query.data?.pages.flatMap((page) => page.result) ?? [];
  const listed = chosen && !found.some((each) => each.id === chosen.id) ? [chosen, ...found] : found;
  return (
    <>
      <Select
        label={consumers.chooseDevice}
        placeholder={consumers.chooseDeviceHint}
        searchable
        data={listed.map((each) => ({ value: each.id, label: labelOf(each) }))}
        // The server has searched already.
        filter={({ options }) => options}
        value={chosen?.id ?? null}
        searchValue={text}
        onSearchChange={setText}
        onChange={(id) => onChosen(listed.find((each) => each.id === id) ?? null)}
        nothingFoundMessage={query.isSuccess ? consumers.noDevice : undefined}
        error={query.error?.message}
        maxDropdownHeight={260}
      />
      {query.hasNextPage && !chosen && (
        <Text size="sm" className="quiet">
          {consumers.moreDevices}
        </Text>
      )}
    </>
  );
}
