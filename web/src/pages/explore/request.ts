// A question as it is written on the page, sent here or to port 9000.
export type Language = 'search' | 'sql';

export interface Question {
  language: Language;
  /** Names of indices, of a search. */
  index: string;
  text: string;
}

export const firstQuestions: Record<Language, Question> = {
  search: {
    language: 'search',
    index: '*',
    text: `{
  "size": 10,
  "sort": [{ "timestamp": "desc" }],
  "query": { "range": { "timestamp": { "gte": "now-24h" } } }
}`,
  },
  sql: {
    language: 'sql',
    index: '',
    text: 'SELECT HISTOGRAM(timestamp, INTERVAL 1 HOUR) AS hour, AVG(value)\nFROM "1_1"\nWHERE timestamp > \'now-24h\'\nGROUP BY hour ORDER BY hour',
  },
};

/** Of the index only what can be one: it becomes a part of an address. */
export function pathOf(question: Question): string {
  if (question.language === 'sql') return '/_sql';
  const index = question.index.trim();
  return index === '' ? '/_search' : `/${encodeURIComponent(index).replace(/%2C/g, ',')}/_search`;
}

export function bodyOf(question: Question): string {
  return question.language === 'sql' ? JSON.stringify({ query: question.text }) : question.text;
}

const quoted = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;

/** The same from a shell. The token is not written out: it would stay in the shell's history. */
export function curlOf(question: Question, host: string): string {
  return [
    'curl -H "Authorization: Bearer $TOKEN" -H \'Content-Type: application/json\' \\',
    `  ${quoted(`http://${host}:9000${pathOf(question)}`)} \\`,
    `  -d ${quoted(bodyOf(question))}`,
  ].join('\n');
}

const history_max = 30;

/** The newest first, each once. */
export function remember(history: Question[], question: Question): Question[] {
  const same = (other: Question) =>
    other.language === question.language && other.index === question.index && other.text === question.text;
  return [question, ...history.filter((each) => !same(each))].slice(0, history_max);
}

const isQuestion = (value: unknown): value is Question =>
  typeof value === 'object' &&
  value !== null &&
  'language' in value &&
  (value.language === 'search' || value.language === 'sql') &&
  'index' in value &&
  typeof value.index === 'string' &&
  'text' in value &&
  typeof value.text === 'string';

/** Of what a browser has kept, which may be anything. */
export function historyOf(kept: string | null): Question[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(value) ? value.filter(isQuestion) : [];
  } catch {
    return [];
  }
}
