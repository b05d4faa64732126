import { ActionIcon, Button, Group, NativeSelect, Stack, TextInput, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { formatTime } from '@/base/format';
import { Dialog } from '@/components/form';
import { useI18n, useMessages } from '@/i18n';
import type { Range } from './document';
import { boundsOf, durationText, lasts, ofLocalInput, rangeOfBounds, refreshes_s, toLocalInput } from './range';
import type { View } from './use-view';

const chosen = 'absolute';

interface RangeBarProps {
  view: View;
  now_ms: number;
  onRefresh: () => void;
  /** Whether readings can be shown as they come. */
  mayFollow: boolean;
}

/** From when to when, and how often that is asked anew. */
export function RangeBar({ view, now_ms, onRefresh, mayFollow }: RangeBarProps) {
  const { language, messages } = useI18n();
  const { dashboards } = messages;
  const [isChoosing, choosing] = useDisclosure();
  const { range, refresh } = view;
  const lastsShown = 'last' in range && !lasts.some((each) => each === range.last) ? [range.last, ...lasts] : lasts;
  const refreshesShown =
    typeof refresh !== 'number' || refreshes_s.some((each) => each === refresh)
      ? refreshes_s
      : [refresh, ...refreshes_s];
  const absolute =
    'last' in range
      ? dashboards.chooseRange
      : `${formatTime(Date.parse(range.from), language)} – ${formatTime(Date.parse(range.to), language)}`;
  return (
    <Group gap="xs">
      <NativeSelect
        aria-label={dashboards.range}
        value={'last' in range ? range.last : chosen}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value === chosen) choosing.open();
          else view.setRange({ last: value });
        }}
        data={[
          ...lastsShown.map((each) => ({ value: each, label: dashboards.last(durationText(each, language)) })),
          { value: chosen, label: absolute },
        ]}
      />
      {!('last' in range) && (
        <Button variant="default" onClick={choosing.open}>
          {dashboards.changeRange}
        </Button>
      )}
      <NativeSelect
        aria-label={dashboards.refresh}
        value={refresh ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          view.setRefresh(value === 'live' ? value : value === '' ? null : Number(value));
        }}
        data={[
          { value: '', label: dashboards.noRefresh },
          ...(mayFollow ? [{ value: 'live', label: dashboards.live }] : []),
          ...refreshesShown.map((each) => ({
            value: String(each),
            label: dashboards.every(durationText(each % 60 === 0 ? `${each / 60}m` : `${each}s`, language)),
          })),
        ]}
      />
      <Tooltip label={dashboards.refreshNow}>
        <ActionIcon variant="default" size={36} aria-label={dashboards.refreshNow} onClick={onRefresh}>
          <IconRefresh size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Dialog title={dashboards.chooseRange} opened={isChoosing} onClose={choosing.close}>
        <RangeForm
          range={range}
          now_ms={now_ms}
          onCancel={choosing.close}
          onChosen={(next) => {
            view.setRange(next);
            choosing.close();
          }}
        />
      </Dialog>
    </Group>
  );
}

interface RangeFormProps {
  range: Range;
  now_ms: number;
  onChosen: (range: Range) => void;
  onCancel: () => void;
}

function RangeForm({ range, now_ms, onChosen, onCancel }: RangeFormProps) {
  const { common, dashboards } = useMessages();
  const bounds = boundsOf(range, now_ms);
  const [from, setFrom] = useState(() => toLocalInput(bounds.from_ms));
  const [to, setTo] = useState(() => toLocalInput(bounds.to_ms));
  const from_ms = ofLocalInput(from);
  const to_ms = ofLocalInput(to);
  const isGood = from_ms !== undefined && to_ms !== undefined && from_ms < to_ms;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood) onChosen(rangeOfBounds({ from_ms, to_ms }));
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          type="datetime-local"
          step={1}
          label={dashboards.from}
          value={from}
          data-autofocus
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          step={1}
          label={dashboards.to}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={isGood ? undefined : dashboards.rangeReversed}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" disabled={!isGood}>
            {dashboards.apply}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
