import { describe, expect, it } from 'vitest';
import { inline, isSafeAddress, markdown } from './markdown';

describe('markdown', () => {
  it('has headings, paragraphs, lists, quotes, code and rules', () => {
    const blocks = markdown('# One\nfirst\nline\n\n- a\n- **b**\n1. c\n> d\n---\n```\n<b>\n```\n#no heading');
    expect(blocks.map((block) => block.kind)).toEqual([
      'heading',
      'paragraph',
      'list',
      'list',
      'quote',
      'rule',
      'code',
      'paragraph',
    ]);
    expect(blocks[1]).toEqual({ kind: 'paragraph', children: [{ kind: 'text', text: 'first line' }] });
    expect(blocks[6]).toEqual({ kind: 'code', text: '<b>' });
  });

  it('has emphasis, code and links within lines', () => {
    expect(inline('a **b *c* d** `*d*` [e](/devices)')).toEqual([
      { kind: 'text', text: 'a ' },
      {
        kind: 'strong',
        children: [
          { kind: 'text', text: 'b ' },
          { kind: 'emphasis', children: [{ kind: 'text', text: 'c' }] },
          { kind: 'text', text: ' d' },
        ],
      },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: '*d*' },
      { kind: 'text', text: ' ' },
      { kind: 'link', address: '/devices', children: [{ kind: 'text', text: 'e' }] },
    ]);
  });

  it('leaves text what would run or be HTML', () => {
    expect(inline('<script>alert(1)</script>')).toEqual([{ kind: 'text', text: '<script>alert(1)</script>' }]);
    expect(inline('[x](javascript:alert)')).toEqual([{ kind: 'text', text: '[x](javascript:alert)' }]);
    for (const address of ['javascript:1', 'data:text/html,x', '//elsewhere', ' https://x', 'java\nscript:1'])
      expect(isSafeAddress(address)).toBe(false);
    for (const address of ['https://x.org/a', '/devices/3', '#top', 'mailto:a@b.c'])
      expect(isSafeAddress(address)).toBe(true);
  });

  it('is quick with what is long and unclosed', () => {
    const start = performance.now();
    markdown('*a '.repeat(5_000) + '[['.repeat(5_000) + '**'.repeat(3_000));
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
