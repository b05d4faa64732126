import { describe, expect, it } from 'vitest';
import { checkDocument, defaultOptions, emptyDocument, kinds, type Panel } from './document';
import { fitsKind, partsOf, textsOf } from './panel-values';

const messages = {
  mustBeNumber: 'number',
  mustBeInteger: () => 'integer',
  minBelowMax: 'order',
  chooseSensors: 'sensors',
};
const bare = { title: 'T', sensors: ['3_4'], labels: { '3_4': { name: 'a', unit: 'bar' } } };

describe('the form of a panel', () => {
  it('gives back what it was given, and the document takes it', () => {
    for (const kind of kinds) {
      const parts = partsOf(kind, textsOf(bare, defaultOptions[kind]), messages);
      const needsSensors = kind !== 'text' && kind !== 'devices';
      expect(parts).toEqual({ ...(needsSensors ? bare : { title: 'T', sensors: [] }), options: defaultOptions[kind] });
      const panel = { id: 'p', kind, x: 0, y: 0, w: 1, h: 1, ...(parts as object) };
      expect(checkDocument({ ...emptyDocument, panels: [panel] }).faults).toBeUndefined();
    }
  });

  it('names the field that is wrong', () => {
    const fields = (kind: Panel['kind'], more: Record<string, string>) => {
      const parts = partsOf(kind, { ...textsOf(bare, defaultOptions[kind]), ...more }, messages);
      return Array.isArray(parts) ? parts.map((fault) => fault.field) : undefined;
    };
    expect(fields('gauge', { min: 'x', warn: '1e' })).toEqual(['min', 'warn']);
    expect(fields('gauge', { min: '5', max: '5' })).toEqual(['max']);
    expect(fields('gauge', { max: '1,5' })).toBeUndefined();
    expect(fields('table', { rows: '1.5' })).toEqual(['rows']);
    expect(fields('latest', { sensors: '[]' })).toEqual(['sensors']);
    expect(fields('latest', { sensors: '[]', device: '$truck' })).toBeUndefined();
    expect(fields('text', { sensors: '[]' })).toBeUndefined();
  });

  it('offers sensors that such a panel can show', () => {
    expect(fitsKind('map', 'geo_point')).toBe(true);
    expect(fitsKind('time-series', 'keyword')).toBe(false);
    expect(fitsKind('table', 'object')).toBe(true);
  });
});
