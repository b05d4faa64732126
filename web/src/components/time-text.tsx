import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { formatAgo, formatTime, formatUtc, parseTime } from '@/base/format';
import { onTick } from '@/base/ticks';
import { useI18n } from '@/i18n';

const second_ms = 1_000;

/** The present time, again every so many milliseconds. */
export function useNow(every_ms: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => onTick(every_ms, () => setNow(Date.now())), [every_ms]);
  return now;
}

/** A time in the browser's zone, with UTC when hovered or focused. */
export function TimeText({ time }: { time: string }) {
  const { language } = useI18n();
  const ms = parseTime(time);
  return (
    <Tooltip label={formatUtc(ms)}>
      <time dateTime={time}>{formatTime(ms, language)}</time>
    </Tooltip>
  );
}

/** "3 minutes ago", with both times when hovered. */
export function AgoText({ time }: { time: string }) {
  const { language, messages } = useI18n();
  const now = useNow(second_ms);
  const ms = parseTime(time);
  const text = Math.abs(now - ms) < second_ms ? messages.common.ago.now : formatAgo(ms, now, language);
  return (
    <Tooltip label={`${formatTime(ms, language)} (${formatUtc(ms)})`}>
      <time dateTime={time}>{text}</time>
    </Tooltip>
  );
}
