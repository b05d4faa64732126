// What stands at the marks of a time axis: the time of day in the browser's zone, with the day where another one begins.
import { localeOf } from '@/base/format';

const second_ms = 1_000;
const minute_ms = 60_000;
const day_ms = 86_400_000;
const month_ms = 28 * day_ms;

/** A label of one or two lines for each mark. `step_ms`: from mark to mark. */
export function timeLabels(marks_ms: number[], step_ms: number, language: string): string[] {
  const locale = localeOf(language);
  if (step_ms >= day_ms) return dayLabels(marks_ms, step_ms, locale);
  const time = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(step_ms < minute_ms ? { second: '2-digit' } : {}),
    ...(step_ms < second_ms ? { fractionalSecondDigits: 3 } : {}),
  });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
  return withChanges(marks_ms, time, day);
}

function dayLabels(marks_ms: number[], step_ms: number, locale: string): string[] {
  const year = new Intl.DateTimeFormat(locale, { year: 'numeric' });
  const within =
    step_ms < month_ms
      ? new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
      : new Intl.DateTimeFormat(locale, { month: 'short' });
  return withChanges(marks_ms, within, year);
}

/** Each mark with what changes from mark to mark; below it, where it is another than before, what stays the same for longer. */
function withChanges(marks_ms: number[], often: Intl.DateTimeFormat, rarely: Intl.DateTimeFormat): string[] {
  let before = '';
  return marks_ms.map((mark) => {
    const whole = rarely.format(mark);
    const label = whole === before ? often.format(mark) : `${often.format(mark)}\n${whole}`;
    before = whole;
    return label;
  });
}
