import { ActionIcon, Code, Group, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMessages } from '@/i18n';

/** Copies `text`; `what` says to screen readers what that is. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { common } = useMessages();
  const clipboard = useClipboard({ timeout: 2_000 });
  const label = clipboard.copied ? common.copied : `${common.copy}: ${what}`;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" aria-label={label} onClick={() => clipboard.copy(text)}>
        {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Code with a button that copies it. */
export function CopyBlock({ text, what }: { text: string; what: string }) {
  return (
    <Group align="start" wrap="nowrap" gap="xs">
      {/* Long lines are scrolled, also with the keyboard. */}
      {}
      <Code block tabIndex={0} aria-label={what} role="region" className="token">
        {text}
      </Code>
      <CopyButton text={text} what={what} />
    </Group>
  );
}
