import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '.';
import { messages as de } from './de';
import { messages as en } from './en';

describe('language', () => {
  it('is the chosen one, else the first of the browser that there is', () => {
    expect(preferredLanguage('de', ['en-GB'])).toBe('de');
    expect(preferredLanguage(null, ['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(preferredLanguage('xx', [])).toBe('en');
  });

  it('has a sentence in each language wherever one has one', () => {
    const texts = (value: unknown, path: string): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, each]) => texts(each, `${path}.${key}`))
        : [`${path}:${typeof value}`];
    expect(texts(de, '')).toEqual(texts(en, ''));
    const empty = (value: unknown): boolean =>
      value === '' || (typeof value === 'object' && value !== null && Object.values(value).some(empty));
    expect(empty(en) || empty(de)).toBe(false);
  });
});
