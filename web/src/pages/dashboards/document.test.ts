import { describe, expect, it } from 'vitest';
import { checkDocument, checkFile, defaultOptions, emptyDocument, kinds } from './document';

const panel = (more: object = {}) => ({
  id: 'p1',
  kind: 'latest',
  title: '',
  x: 0,
  y: 0,
  w: 3,
  h: 2,
  sensors: ['3_4'],
  options: { warn: null, alarm: 80 },
  ...more,
});
const faultsOf = (more: object) => checkDocument({ ...emptyDocument, ...more }).faults?.map((each) => each.path);

describe('document', () => {
  it('takes every kind of panel', () => {
    const panels = kinds.map((kind) => panel({ id: kind, kind, options: defaultOptions[kind] }));
    expect(checkDocument({ ...emptyDocument, panels }).value?.panels).toEqual(panels);
  });

  it('names each fault with its place', () => {
    expect(checkDocument(7).faults).toEqual([{ path: '', fault: 'type', expected: 'object' }]);
    expect(checkDocument({ ...emptyDocument, version: 2, more: 1, refresh_s: 0 }).faults).toEqual([
      { path: 'version', fault: 'oneOf', expected: '1' },
      { path: 'refresh_s', fault: 'range', expected: '1 … 86400' },
      { path: 'more', fault: 'unknown', expected: '' },
    ]);
    expect(faultsOf({ panels: [panel({ kind: 'pie' }), panel({ w: 13 })] })).toEqual(['panels[0].kind', 'panels[1].w']);
    expect(faultsOf({ panels: [panel({ options: { warn: 'x' } })] })).toEqual([
      'panels[0].options.warn',
      'panels[0].options.alarm',
    ]);
    expect(faultsOf({ panels: [panel({ x: 10 })] })).toEqual(['panels[0].w']);
    expect(faultsOf({ panels: [panel({ sensors: ['3_4', '*'] })] })).toEqual(['panels[0].sensors[1]']);
    expect(faultsOf({ range: { last: '5 minutes' } })).toEqual(['range.last']);
    expect(faultsOf({ range: { from: 'yesterday', to: '2026-01-01T00:00:00Z' } })).toEqual(['range.from']);
  });

  it('may say that readings are shown as they come', () => {
    expect(checkDocument({ ...emptyDocument, live: true }).value?.live).toBe(true);
    expect(faultsOf({ live: 'yes' })).toEqual(['live']);
  });

  it('has each id once, and the variables that its panels name', () => {
    expect(faultsOf({ panels: [panel(), panel()] })).toEqual(['panels[1].id']);
    const variable = { name: 'truck', label: 'Truck', kind: 'device', default: '' };
    expect(faultsOf({ variables: [variable, variable] })).toEqual(['variables[1].name']);
    expect(faultsOf({ panels: [panel({ device: '$truck', path: '**' })] })).toEqual(['panels[0].device']);
    expect(faultsOf({ variables: [variable], panels: [panel({ device: '$truck', path: '**' })] })).toBeUndefined();
  });
});

describe('file', () => {
  it('is what was exported', () => {
    const file = { name: 'Trucks', description: '', document: { ...emptyDocument, panels: [panel()] } };
    expect(checkFile(JSON.stringify(file)).value).toEqual(file);
  });

  it('says what is wrong with another one', () => {
    expect(checkFile('{').faults).toEqual([{ path: '', fault: 'type', expected: 'JSON' }]);
    expect(checkFile('{"name":""}').faults?.map((each) => each.path)).toEqual(['description', 'document']);
    const inner = checkFile('{"name":"","description":"","document":{"version":1}}').faults?.map((each) => each.path);
    expect(inner).toContain('document.panels');
  });
});
