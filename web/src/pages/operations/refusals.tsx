import { Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { refusalsQuery, type Operations } from '@/api/operations';
import { formatCount } from '@/base/format';
import { TextLink } from '@/components/links';
import { Empty } from '@/components/states';
import { ThingList } from '@/components/thing-list';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';

/** What was not taken, and from whom. */
export function Refusals({ last }: { last: Operations }) {
  const { operations } = useI18n().messages;
  const query = useInfiniteQuery(refusalsQuery);
  return (
    <Stack>
      <Reasons last={last} />
      <Paper withBorder p="md">
        <Stack gap="xs">
          <Title order={2} size="h4">
            {operations.devices}
          </Title>
          <Text size="sm" className="quiet">
            {operations.devicesHint}
          </Text>
          <ThingList
            query={query}
            searched=""
            caption={operations.devices}
            columns={[operations.device, operations.time, operations.error, operations.protocol, operations.from]}
            row={(refusal) => (
              <Table.Tr key={refusal.device_id}>
                <Table.Td>
                  <TextLink to="/devices/$device" params={{ device: refusal.device_id }}>
                    {refusal.name}
                  </TextLink>
                </Table.Td>
                <Table.Td>
                  <AgoText time={refusal.time} />
                </Table.Td>
                <Table.Td className="written">{refusal.message}</Table.Td>
                <Table.Td>{refusal.protocol ?? '–'}</Table.Td>
                <Table.Td className="id">{refusal.address ?? '–'}</Table.Td>
              </Table.Tr>
            )}
            empty={<Empty text={operations.noDevices} />}
          />
        </Stack>
      </Paper>
    </Stack>
  );
}

function Reasons({ last }: { last: Operations }) {
  const { language, messages } = useI18n();
  const { operations } = messages;
  const refused = last.refused.filter((each) => each.count > 0).sort((a, b) => b.count - a.count);
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {operations.byReason}
        </Title>
        <Text size="sm" className="quiet">
          {operations.sinceStart}
        </Text>
        {refused.length === 0 ? (
          <Empty text={operations.noneRefused} />
        ) : (
          <Table.ScrollContainer
            minWidth={320}
            type="native"
            tabIndex={0}
            role="region"
            aria-label={operations.byReason}
          >
            <Table captionSide="top">
              <Table.Caption className="visually-hidden">{operations.byReason}</Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{operations.reason}</Table.Th>
                  <Table.Th scope="col">{operations.protocol}</Table.Th>
                  <Table.Th scope="col" ta="right">
                    {operations.count}
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {refused.map(({ protocol, reason, count }) => (
                  <Table.Tr key={`${protocol} ${reason}`}>
                    {/* Limits are called as the settings that set them. */}
                    <Table.Td>{operations.reasons[reason] ?? <span className="id">{reason}</span>}</Table.Td>
                    <Table.Td>{protocol === 'all' ? operations.allProtocols : protocol}</Table.Td>
                    <Table.Td ta="right">{formatCount(count, language)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </Paper>
  );
}
