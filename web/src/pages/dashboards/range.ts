// Ranges of time: as documents and addresses have them, and what they mean now.
import { duration, type Range } from './document';

export interface Bounds {
  from_ms: number;
  to_ms: number;
}

export const lasts = ['5m', '15m', '1h', '6h', '24h', '2d', '7d', '30d', '90d', '1y'] as const;
export const refreshes_s = [2, 5, 10, 30, 60, 300] as const;

const unit_ms: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Of "24h"; undefined where it is no duration. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = duration.exec(text) ?? [];
  return count && unit ? Number(count) * (unit_ms[unit] ?? 0) : undefined;
}

/** What the address says of the range; undefined where it says nothing that is one. */
export function rangeOf(last: unknown, from: unknown, to: unknown): Range | undefined {
  if (typeof last === 'string' && durationMs(last) !== undefined) return { last };
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  return Date.parse(from) < Date.parse(to) ? { from, to } : undefined;
}

export function boundsOf(range: Range, now_ms: number): Bounds {
  if ('last' in range) return { from_ms: now_ms - (durationMs(range.last) ?? 0), to_ms: now_ms };
  return { from_ms: Date.parse(range.from), to_ms: Date.parse(range.to) };
}

/** What is asked once for this long where readings come by themselves. */
const held_ms = 30_000;

/** Where they do: the same for a while, around all that is shown meanwhile. */
export function liveBoundsOf({ from_ms, to_ms }: Bounds): Bounds {
  return { from_ms: Math.floor(from_ms / held_ms) * held_ms, to_ms: Math.ceil(to_ms / held_ms) * held_ms };
}

export function rangeOfBounds({ from_ms, to_ms }: Bounds): Range {
  return { from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() };
}

/** As <input type="datetime-local"> has it: in the browser's zone, to the second. */
export function toLocalInput(ms: number): string {
  const offset_ms = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offset_ms).toISOString().slice(0, 19);
}

/** Of what was written into such a field; undefined where that is no time. */
export function ofLocalInput(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The browser's zone by its name. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const unitNames: Record<string, string> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  y: 'year',
};

/** "24 hours" for "24h". */
export function durationText(text: string, language: string): string {
  const [, count, unit] = duration.exec(text) ?? [];
  const name = unitNames[unit ?? ''];
  if (!count || !name) return text;
  return new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' }).format(Number(count));
}
