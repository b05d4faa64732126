// The program that sends, with everything filled in.
import { Alert, Button, Code, Group, SegmentedControl, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type Sensor } from '@/api/client';
import { useUser } from '@/api/session';
import { settingsQuery } from '@/api/settings';
import { keys } from '@/api/things';
import { LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { firstPort, isPort } from './ports';
import { protocols, type Protocol, type ProtocolName } from './snippets';
import { valueFor } from './snippets/snippet';

const hidden = '••••••••';
const is_loopback = /^(localhost|127\.[0-9.]+|\[::1\])$/;

export function Program({ sensor }: { sensor: Sensor }) {
  const { connect } = useMessages();
  const [name, setName] = useState<ProtocolName>('http');
  const [language, setLanguage] = useState('curl');
  const [host, setHost] = useState(window.location.hostname);
  const [ports, setPorts] = useState<Partial<Record<ProtocolName, string>>>({});
  const isAdmin = useUser().role === 'admin';
  const settings = useQuery({ ...settingsQuery, enabled: isAdmin });
  const key = useQuery({
    queryKey: [...keys.device(sensor.device_id), 'key'],
    queryFn: ({ signal }) =>
      data(api.GET('/api/devices/{device_id}/key', { params: { path: { device_id: sensor.device_id } }, signal })),
    // Each time it is asked for it is another one: what was copied is what stands here, until the page is left.
    staleTime: Infinity,
    gcTime: 0,
  });
  if (key.isError) return <LoadError error={key.error} onRetry={() => void key.refetch()} />;
  // An address that changes after it was copied would be worse than one that comes a moment later.
  if (!key.data || (isAdmin && settings.isPending)) return <LoadingRows rows={6} />;

  const protocol: Protocol = protocols[name];
  const languages = Object.keys(protocol.snippets);
  // What a protocol cannot be spoken from is left for its first language.
  const chosen = languages.includes(language) ? language : (languages[0] ?? language);
  const set = settings.data?.find((setting) => setting.name === protocol.setting);
  const portText = ports[name] ?? String((set && firstPort(set.value)) ?? protocol.defaultPort);
  const port = Number(portText);
  const input = {
    host,
    port,
    device: sensor.device_id,
    sensor: sensor.id,
    value: valueFor(sensor.mapping.type),
    token: key.data.token,
  };
  return (
    <Stack>
      <SegmentedControl
        aria-label={connect.protocol}
        value={name}
        onChange={(value) => setName(value as ProtocolName)}
        data={Object.entries(protocols).map(([value, { label }]) => ({ value, label }))}
      />
      <Group align="start" grow>
        <TextInput label={connect.host} value={host} onChange={(event) => setHost(event.currentTarget.value)} />
        <TextInput
          label={connect.port}
          inputMode="numeric"
          value={portText}
          error={isPort(port) ? undefined : connect.badPort}
          onChange={(event) => setPorts({ ...ports, [name]: event.currentTarget.value })}
        />
      </Group>
      {is_loopback.test(host) && (
        <Text size="sm" className="quiet">
          {connect.loopback}
        </Text>
      )}
      <Tabs value={chosen} onChange={(value) => setLanguage(value ?? chosen)} keepMounted={false}>
        <Tabs.List aria-label={connect.language}>
          {languages.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {each}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(protocol.snippets).map(([each, snippet]) => (
          <Tabs.Panel key={each} value={each} pt="sm">
            <Snippet
              label={connect.snippet(protocol.label, each)}
              text={snippet(input)}
              shownWithout={snippet({ ...input, token: hidden })}
            />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

interface SnippetProps {
  label: string;
  text: string;
  /** The same with the token hidden. */
  shownWithout: string;
}

function Snippet({ label, text, shownWithout }: SnippetProps) {
  const { connect } = useMessages();
  const [isShown, setShown] = useState(false);
  const clipboard = useClipboard({ timeout: 2_000 });
  return (
    <Stack gap="xs">
      {/* Long lines are scrolled, also with the keyboard. */}
      <Code block tabIndex={0} role="region" aria-label={label}>
        {isShown ? text : shownWithout}
      </Code>
      {clipboard.error && (
        <Alert color="red" role="alert">
          {clipboard.error.message}
        </Alert>
      )}
      <Group gap="xs">
        <Button
          leftSection={clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={() => clipboard.copy(text)}
        >
          {clipboard.copied ? connect.copied : connect.copy}
        </Button>
        <Button variant="default" onClick={() => setShown(!isShown)}>
          {isShown ? connect.hideToken : connect.showToken}
        </Button>
        {!isShown && (
          <Text size="sm" className="quiet">
            {connect.tokenHidden}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
