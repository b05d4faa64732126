// What a dashboard shows, as it is stored and exported, version 1:
//
//   {
//     "version": 1,
//     "variables": [{ "name": "device", "label": "Truck", "kind": "device" | "path", "default": "3" }],
//     "range": { "last": "24h" } | { "from": RFC 3339, "to": RFC 3339 },
//     "refresh_s": 10 | null,
//     "live": true,                                      readings are shown as they come; may be missing
//     "panels": [{
//       "id": "p1", "kind": ..., "title": "", "x": 0…11, "y": 0…, "w": 1…12, "h": 1…,
//       "sensors": ["3_4", ...],                         <device>_<sensor>; readers of a shared dashboard see these
//       "labels": { "3_4": { "name": "", "unit": "" } }, how they are called there
//       "device": "$device", "path": "Engine/*",          instead of fixed sensors: those of a variable's device
//       "options": { ... }                                of the kind
//     }]
//   }
//
// A panel of a variable shows the sensors of that device whose path with name fits: * is anything up to the next /, ** all.
// A variable of kind "path" stands in such a path as $name.
import {
  boolean,
  integer,
  list,
  map,
  nullOr,
  number,
  object,
  oneOf,
  text,
  type Shape,
  type ShapeFault,
  type Shaped,
} from '@/base/shape';

export const columns = 12;
export const panels_max = 100;
export const sensors_max = 50;
const rows_max = 1_000;
export const height_max = 40;
const label_max = 200;

export const values = ['avg', 'min', 'max', 'sum', 'count'] as const;
export const intervals = ['hour', 'day', 'week', 'month'] as const;

const level = nullOr(number());
const levels = { warn: level, alarm: level };

const options = {
  'time-series': object({ band: boolean }),
  latest: object(levels),
  gauge: object({ min: number(), max: number(), ...levels }),
  bar: object({ by: oneOf(['sensor', 'interval']), interval: oneOf(intervals), value: oneOf(values) }),
  table: object({ rows: integer(1, 500) }),
  'heat-map': object({ value: oneOf(values) }),
  devices: object({ devices: list(object({ id: text(20, /^\d+$/), name: text(label_max) }), sensors_max) }),
  map: object({ track: boolean }),
  text: object({ text: text(20_000) }),
};

export type Kind = keyof typeof options;
export const kinds = Object.keys(options) as Kind[];
export type OptionsOf<K extends Kind> = Shaped<(typeof options)[K]>;

const frame = object(
  {
    id: text(40, /^[\w-]+$/),
    kind: oneOf(kinds),
    title: text(label_max),
    x: integer(0, columns - 1),
    y: integer(0, rows_max),
    w: integer(1, columns),
    h: integer(1, height_max),
    sensors: list(text(41, /^\d+_\d+$/), sensors_max),
    options: ((value: unknown) => value) as Shape<unknown>,
  },
  {
    labels: map(object({ name: text(label_max), unit: text(100) }), sensors_max),
    device: text(41, /^\$\w+$/),
    path: text(1_000),
  },
);

type Frame = Omit<Shaped<typeof frame>, 'kind' | 'options'>;
export type PanelOf<K extends Kind> = Frame & { kind: K; options: OptionsOf<K> };
export type Panel = { [K in Kind]: PanelOf<K> }[Kind];

const panel: Shape<Panel> = (value, path, faults) => {
  const framed = frame(value, path, faults);
  if (!framed) return undefined;
  const checked = (options[framed.kind] as Shape<unknown>)(framed.options, `${path}.options`, faults);
  if (framed.x + framed.w > columns)
    faults.push({ path: `${path}.w`, fault: 'range', expected: `≤ ${columns - framed.x}` });
  return checked === undefined ? undefined : ({ ...framed, options: checked } as Panel);
};

const variable = object({
  name: text(40, /^\w+$/),
  label: text(label_max),
  kind: oneOf(['device', 'path']),
  default: text(1_000),
});
export type Variable = Shaped<typeof variable>;

export const duration = /^([1-9]\d{0,4})([smhdwy])$/;
const time: Shape<string> = (value, path, faults) => {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))) return value;
  faults.push({ path, fault: 'type', expected: 'RFC 3339' });
  return undefined;
};
export type Range = { last: string } | { from: string; to: string };
const range: Shape<Range> = (value, path, faults) =>
  typeof value === 'object' && value !== null && 'last' in value
    ? object({ last: text(10, duration) })(value, path, faults)
    : object({ from: time, to: time })(value, path, faults);

const shape = object(
  {
    version: oneOf([1]),
    variables: list(variable, 10),
    range,
    refresh_s: nullOr(integer(1, 86_400)),
    panels: list(panel, panels_max),
  },
  { live: boolean },
);
export type DashboardDocument = Shaped<typeof shape>;

export const emptyDocument: DashboardDocument = {
  version: 1,
  variables: [],
  range: { last: '24h' },
  refresh_s: 10,
  panels: [],
};

type Checked<T> = { value: T; faults?: undefined } | { value?: undefined; faults: ShapeFault[] };

function check<T>(wanted: Shape<T>, value: unknown): Checked<T> {
  const faults: ShapeFault[] = [];
  const checked = wanted(value, '', faults);
  return checked === undefined || faults.length > 0 ? { faults } : { value: checked };
}

/** Names everything that is wrong: what the members are, names that are there twice, variables that are not. */
export function checkDocument(value: unknown): Checked<DashboardDocument> {
  const checked = check(shape, value);
  if (!checked.value) return checked;
  const { panels, variables } = checked.value;
  const faults: ShapeFault[] = [];
  const twice = (names: string[], path: (at: number) => string) =>
    names.forEach((name, at) => {
      if (names.indexOf(name) !== at) faults.push({ path: path(at), fault: 'oneOf', expected: `≠ ${name}` });
    });
  twice(
    panels.map((each) => each.id),
    (at) => `panels[${at}].id`,
  );
  twice(
    variables.map((each) => each.name),
    (at) => `variables[${at}].name`,
  );
  const devices = variables.filter((each) => each.kind === 'device').map((each) => `$${each.name}`);
  panels.forEach(({ device }, at) => {
    if (device !== undefined && !devices.includes(device)) {
      faults.push({ path: `panels[${at}].device`, fault: 'oneOf', expected: devices.join(', ') || '–' });
    }
  });
  return faults.length > 0 ? { faults } : checked;
}

/** What is exported, and can be imported by another platform. */
export interface DashboardFile {
  name: string;
  description: string;
  document: DashboardDocument;
}

const file = object({
  name: text(label_max),
  description: text(10_000),
  document: ((value) => value) as Shape<unknown>,
});

export function checkFile(content: string): Checked<DashboardFile> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { faults: [{ path: '', fault: 'type', expected: 'JSON' }] };
  }
  const outer = check(file, value);
  if (!outer.value) return outer;
  const inner = checkDocument(outer.value.document);
  if (inner.faults) return { faults: inner.faults.map((each) => ({ ...each, path: `document.${each.path}` })) };
  return { value: { ...outer.value, document: inner.value } };
}

/** Of a panel that has just been added. */
export const defaultOptions: { [K in Kind]: OptionsOf<K> } = {
  'time-series': { band: true },
  latest: { warn: null, alarm: null },
  gauge: { min: 0, max: 100, warn: null, alarm: null },
  bar: { by: 'sensor', interval: 'day', value: 'avg' },
  table: { rows: 50 },
  'heat-map': { value: 'avg' },
  devices: { devices: [] },
  map: { track: true },
  text: { text: '' },
};

export const defaultSize: Record<Kind, { w: number; h: number }> = {
  'time-series': { w: 6, h: 5 },
  latest: { w: 3, h: 3 },
  gauge: { w: 3, h: 4 },
  bar: { w: 6, h: 5 },
  table: { w: 6, h: 6 },
  'heat-map': { w: 6, h: 5 },
  devices: { w: 4, h: 4 },
  map: { w: 6, h: 7 },
  text: { w: 4, h: 3 },
};
