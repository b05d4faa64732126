import { describe, expect, it } from 'vitest';
import { bodyOf, curlOf, historyOf, pathOf, remember, type Question } from './request';
import { tableOfAnswer } from './rows';

const search: Question = { language: 'search', index: '3_4, 3_*', text: '{"size":1}' };
const sql: Question = { language: 'sql', index: '', text: "SELECT 'a'" };

describe('questions', () => {
  it('have an address and a body', () => {
    expect(pathOf(search)).toBe('/3_4,%203_*/_search');
    expect(pathOf({ ...search, index: '../x?y' })).toBe('/..%2Fx%3Fy/_search');
    expect(pathOf({ ...search, index: ' ' })).toBe('/_search');
    expect([pathOf(sql), bodyOf(sql)]).toEqual(['/_sql', `{"query":"SELECT 'a'"}`]);
  });

  it('can be pasted into a shell, whatever is in them', () => {
    expect(curlOf(sql, 'host')).toContain(`'http://host:9000/_sql' \\\n  -d '{"query":"SELECT '\\''a'\\''"}'`);
  });

  it('are remembered once, the newest first', () => {
    expect(remember([sql, search], search)).toEqual([search, sql]);
    expect(historyOf(JSON.stringify([sql, { language: 'x' }, 7]))).toEqual([sql]);
    for (const kept of [null, '', '{', '{}']) expect(historyOf(kept)).toEqual([]);
  });
});

describe('tables', () => {
  it('have readings', () => {
    const hits = [{ _index: '3_4', _source: { timestamp: 't', value: 1 } }];
    expect(tableOfAnswer({ hits: { hits } })).toEqual({
      columns: ['_index', 'timestamp', 'value'],
      rows: [['3_4', 't', 1]],
    });
    expect(tableOfAnswer({ hits: { hits: [] } })).toBeUndefined();
    expect(tableOfAnswer('x')).toBeUndefined();
  });

  it('have buckets in buckets with their metrics', () => {
    const inner = { buckets: [{ key: 'a', doc_count: 2, top: { value: 7 } }] };
    const aggregations = {
      all: { value: 9 },
      days: { buckets: [{ key: 1, key_as_string: '1970', doc_count: 3, by: inner }] },
    };
    expect(tableOfAnswer({ hits: { hits: [] }, aggregations })).toEqual({
      columns: ['all', 'days', 'count', 'by', 'top'],
      rows: [[9, '1970', 2, 'a', 7]],
    });
  });

  it('have rows of SQL', () => {
    expect(tableOfAnswer({ columns: [{ name: 'n', type: 'long' }], rows: [[1]] })).toEqual({
      columns: ['n'],
      rows: [[1]],
    });
  });
});
