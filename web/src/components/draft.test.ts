import { beforeEach, describe, expect, it } from 'vitest';
import { dropDraft, dropDrafts, readDraft, writeDraft } from './draft';

describe('draft', () => {
  beforeEach(() => sessionStorage.clear());

  it('comes back until it is dropped', () => {
    writeDraft('device.new', { name: 'pump' });
    expect(readDraft('device.new')).toEqual({ name: 'pump' });
    expect(readDraft('device.3')).toEqual({});
    dropDraft('device.new');
    expect(readDraft('device.new')).toEqual({});
  });

  it('is nothing where the store holds something else', () => {
    sessionStorage.setItem('iotplatform.draft.a', '{"name":7,"unit":"bar"}');
    sessionStorage.setItem('iotplatform.draft.b', 'no JSON');
    sessionStorage.setItem('iotplatform.draft.c', 'null');
    expect(readDraft('a')).toEqual({ unit: 'bar' });
    expect(readDraft('b')).toEqual({});
    expect(readDraft('c')).toEqual({});
  });

  it('goes with all others when its user signs out', () => {
    writeDraft('a', { name: '1' });
    sessionStorage.setItem('other', 'stays');
    dropDrafts();
    expect(readDraft('a')).toEqual({});
    expect(sessionStorage.getItem('other')).toBe('stays');
  });
});
