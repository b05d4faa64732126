// Limits of a value: from when on it is worth a warning or an alarm.
export type Level = 'normal' | 'warn' | 'alarm';

/** Upwards; where an alarm is set below the warning, downwards. */
export function levelOf(value: number, warn: number | null, alarm: number | null): Level {
  const isDownwards = warn !== null && alarm !== null && alarm < warn;
  const beyond = (limit: number | null) => limit !== null && (isDownwards ? value <= limit : value >= limit);
  return beyond(alarm) ? 'alarm' : beyond(warn) ? 'warn' : 'normal';
}
