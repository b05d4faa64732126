// Numbers, times and durations as people read them, in the browser's zone and in the language of the page.

/** The language as the browser's user writes it: "en-GB" for "en", say, and so 24 hours a day. */
export function localeOf(language: string): string {
  return navigator.languages.find((each) => each.startsWith(`${language}-`)) ?? language;
}

/** Milliseconds of an RFC 3339 time; what is finer than a millisecond is cut. */
export function parseTime(text: string): number {
  return Date.parse(text);
}

/** The nanoseconds since 1970 of an RFC 3339 time in UTC, exactly. */
export function parseNanoseconds(text: string): bigint {
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const seconds = BigInt(Math.floor(Date.parse(text.replace(/\.\d+/, '')) / 1000));
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

export function formatTime(ms: number, language: string): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'medium' }).format(ms);
}

/** "19/05/2018" */
export function formatDay(ms: number, language: string): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'short' }).format(ms);
}

/** "2018-05-19 08:19:27.000 UTC" */
export function formatUtc(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "3 minutes ago", "in 2 hours". */
export function formatAgo(ms: number, now: number, language: string): string {
  const seconds = Math.round((ms - now) / 1000);
  const [unit, length] = steps.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'auto' }).format(
    Math.trunc(seconds / length),
    unit,
  );
}

/** At most `digits` significant digits, with the language's separators; very large and very small ones with an exponent. */
export function formatNumber(value: number, language: string, digits = 6): string {
  const size = Math.abs(value);
  const exponent = size !== 0 && (size >= 1e15 || size < 1e-6);
  return new Intl.NumberFormat(localeOf(language), {
    maximumSignificantDigits: digits,
    notation: exponent ? 'scientific' : 'standard',
  }).format(value);
}

/** "12,345" */
export function formatCount(value: number, language: string): string {
  return new Intl.NumberFormat(localeOf(language)).format(value);
}

/** "1.4 GB": powers of 1,000, as disks are sold. */
export function formatBytes(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** power);
}

/** "90s", "15m", "12h", "30d": the longest unit that divides. */
export function formatDuration(seconds: number): string {
  for (const [letter, length] of [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds !== 0 && seconds % length === 0) return `${seconds / length}${letter}`;
  }
  return `${seconds}s`;
}

/** A reading's value for people: numbers with the unit, objects as JSON. */
export function formatValue(value: unknown, unit: string, language: string): string {
  if (value === null || value === undefined) return '–';
  const text =
    typeof value === 'number'
      ? formatNumber(value, language)
      : typeof value === 'string' || typeof value === 'boolean'
        ? String(value)
        : JSON.stringify(value);
  return unit ? `${text} ${unit}` : text;
}
