import { Checkbox, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { settingsQuery, type Setting } from '@/api/settings';
import { Empty, LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';

const default_source = 'default';

function has(setting: Setting, text: string): boolean {
  const searched = text.trim().toLowerCase();
  return [setting.name, setting.value, setting.description].some((each) => each.toLowerCase().includes(searched));
}

export function SettingsTable() {
  const { operations } = useMessages();
  const query = useQuery(settingsQuery);
  const [text, setText] = useState('');
  const [changedOnly, setChangedOnly] = useState(false);
  if (query.isError) return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows rows={10} />;
  const shown = query.data.filter(
    (setting) => has(setting, text) && (!changedOnly || setting.source !== default_source),
  );
  return (
    <Stack>
      <Group>
        <TextInput
          type="search"
          aria-label={operations.find}
          placeholder={operations.find}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w="min(20rem, 100%)"
        />
        <Checkbox
          label={operations.changedOnly}
          checked={changedOnly}
          onChange={(event) => setChangedOnly(event.currentTarget.checked)}
        />
      </Group>
      {shown.length === 0 ? (
        <Empty text={operations.noSettings} />
      ) : (
        <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="region" aria-label={operations.settings}>
          <Table captionSide="top">
            <Table.Caption className="visually-hidden">{operations.settings}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                {[operations.setting, operations.value, operations.source, operations.allowed].map((column) => (
                  <Table.Th key={column} scope="col">
                    {column}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((setting) => (
                <Row key={setting.name} setting={setting} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}

function Row({ setting }: { setting: Setting }) {
  const { operations } = useMessages();
  const isDefault = setting.source === default_source;
  return (
    <Table.Tr>
      <Table.Td>
        <span className="id">{setting.name}</span>
        <Text size="sm" className="quiet" maw="26rem">
          {setting.description}
        </Text>
      </Table.Td>
      <Table.Td>
        {setting.value === '' ? (
          <span className="quiet">{operations.notSet}</span>
        ) : (
          <span className="id">{setting.value}</span>
        )}
      </Table.Td>
      <Table.Td>
        {isDefault ? <span className="quiet">{operations.isDefault}</span> : setting.source}
        {!isDefault && (
          <Text size="sm" className="quiet">
            {operations.defaultIs(setting.default || operations.notSet)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="quiet">{setting.allowed}</Table.Td>
    </Table.Tr>
  );
}
