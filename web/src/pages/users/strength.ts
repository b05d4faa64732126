// How good a password is: what the platform takes, and beyond that a word of advice.

const bytes_min = 8;
const bytes_max = 1024;
/** From so many characters on a password is fair, and strong. */
const fair_length = 12;
const strong_length = 16;
const different_min = 6;

export type Strength =
  | { level: 'none' }
  | { level: 'tooShort'; missing: number }
  | { level: 'tooLong' }
  | { level: 'weak' | 'fair' | 'strong' };

export function strengthOf(password: string): Strength {
  if (password === '') return { level: 'none' };
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < bytes_min) return { level: 'tooShort', missing: bytes_min - bytes };
  if (bytes > bytes_max) return { level: 'tooLong' };
  const characters = [...password];
  const different = new Set(characters).size;
  if (characters.length < fair_length || different < different_min) return { level: 'weak' };
  return { level: characters.length < strong_length ? 'fair' : 'strong' };
}
