// Short notes about what was done, read out by screen readers, gone after some seconds.
import { CloseButton, Group, Paper, Stack, Text } from '@mantine/core';
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import classes from './notices.module.css';

interface Notice {
  key: number;
  text: string;
}

const Context = createContext<(text: string) => void>(() => undefined);
const shown_ms = 6_000;
const notices_max = 4;

export function Notices({ children }: { children: ReactNode }) {
  const messages = useMessages();
  const [notices, setNotices] = useState<Notice[]>([]);
  const remove = (key: number) => setNotices((present) => present.filter((each) => each.key !== key));
  const tell = useCallback((text: string) => {
    const key = performance.now();
    setNotices((present) => [...present.slice(1 - notices_max), { key, text }]);
    window.setTimeout(() => remove(key), shown_ms);
  }, []);
  return (
    <Context value={tell}>
      {children}
      <Stack className={classes.notices} gap="xs" role="status" aria-live="polite">
        {notices.map((notice) => (
          <Paper key={notice.key} shadow="md" p="sm" withBorder>
            <Group wrap="nowrap" justify="space-between">
              <Text size="sm">{notice.text}</Text>
              <CloseButton aria-label={messages.common.close} onClick={() => remove(notice.key)} />
            </Group>
          </Paper>
        ))}
      </Stack>
    </Context>
  );
}

/** Says something at the edge of the page. */
export function useTell(): (text: string) => void {
  return useContext(Context);
}
