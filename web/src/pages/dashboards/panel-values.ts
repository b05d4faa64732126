// A panel as the texts of its form, and back.
import type { Fault } from '@/api/client';
import { defaultOptions, type Kind, type Panel } from './document';
import type { SensorRef } from './panels/readings';

export type PanelTexts = Record<string, string>;

const isYes = (text: string | undefined) => text === 'yes';
const yes = (is: boolean) => (is ? 'yes' : 'no');

/** Mappings with which such a panel can do something. */
export function fitsKind(kind: Kind, mapping: string): boolean {
  if (kind === 'map') return mapping === 'geo_point';
  if (kind === 'latest' || kind === 'table') return true;
  return ['double', 'float', 'long', 'integer', 'short', 'byte', 'boolean'].includes(mapping);
}

export function textsOf(
  panel: Pick<Panel, 'title' | 'sensors' | 'labels' | 'device' | 'path'>,
  options: object,
): PanelTexts {
  const sensors: SensorRef[] = panel.sensors.map((index) => ({
    index,
    name: panel.labels?.[index]?.name ?? '',
    unit: panel.labels?.[index]?.unit ?? '',
  }));
  const texts = Object.entries(options).map(([name, value]: [string, unknown]): [string, string] => [
    name,
    typeof value === 'boolean'
      ? yes(value)
      : value === null
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value),
  ]);
  return {
    title: panel.title,
    sensors: JSON.stringify(sensors),
    device: panel.device ?? '',
    path: panel.path ?? '**',
    ...Object.fromEntries(texts),
  };
}

interface Messages {
  mustBeNumber: string;
  mustBeInteger: (min: number, max: number) => string;
  minBelowMax: string;
  chooseSensors: string;
}

type Parts = Pick<Panel, 'title' | 'sensors' | 'labels' | 'device' | 'path' | 'options'>;

/** What the form says, or what is wrong with it. */
export function partsOf(kind: Kind, texts: PanelTexts, messages: Messages): Parts | Fault[] {
  const faults: Fault[] = [];
  const number = (field: string, otherwise: number | null) => {
    const text = (texts[field] ?? '').trim().replace(',', '.');
    if (text === '' && otherwise === null) return null;
    const value = Number(text);
    if (text !== '' && Number.isFinite(value)) return value;
    faults.push({ field, message: messages.mustBeNumber });
    return otherwise;
  };
  const sensors = JSON.parse(texts.sensors ?? '[]') as SensorRef[];
  const device = texts.device ?? '';
  const options = (): Panel['options'] => {
    switch (kind) {
      case 'time-series':
        return { band: isYes(texts.band) };
      case 'latest':
        return { warn: number('warn', null), alarm: number('alarm', null) };
      case 'gauge': {
        const min = number('min', 0) ?? 0;
        const max = number('max', 1) ?? 1;
        if (min >= max && faults.length === 0) faults.push({ field: 'max', message: messages.minBelowMax });
        return { min, max, warn: number('warn', null), alarm: number('alarm', null) };
      }
      case 'table': {
        const rows = number('rows', 1) ?? 1;
        if (!(Number.isInteger(rows) && rows >= 1 && rows <= 500)) {
          faults.push({ field: 'rows', message: messages.mustBeInteger(1, 500) });
        }
        return { rows };
      }
      case 'bar':
        return { ...defaultOptions.bar, ...chosen(texts, ['by', 'interval', 'value']) };
      case 'heat-map':
        return { ...defaultOptions['heat-map'], ...chosen(texts, ['value']) };
      case 'devices':
        return { devices: JSON.parse(texts.devices ?? '[]') as { id: string; name: string }[] };
      case 'map':
        return { track: isYes(texts.track) };
      case 'text':
        return { text: texts.text ?? '' };
    }
  };
  const made = options();
  const needsSensors = kind !== 'text' && kind !== 'devices';
  if (needsSensors && device === '' && sensors.length === 0) {
    faults.push({ field: 'sensors', message: messages.chooseSensors });
  }
  if (faults.length > 0) return faults;
  const parts: Parts = { title: (texts.title ?? '').trim(), sensors: [], options: made };
  if (!needsSensors) return parts;
  if (device !== '') return { ...parts, device, path: texts.path || '**' };
  return {
    ...parts,
    sensors: sensors.map((sensor) => sensor.index),
    labels: Object.fromEntries(sensors.map(({ index, name, unit }) => [index, { name, unit }])),
  };
}

/** Of lists from which one chooses: the form offers nothing else. */
function chosen(texts: PanelTexts, names: string[]): object {
  return Object.fromEntries(names.flatMap((name) => (texts[name] ? [[name, texts[name]]] : [])));
}
