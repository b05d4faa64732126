import type { Messages } from '../en';

export const audit: Messages['audit'] = {
  title: 'Änderungsprotokoll',
  caption: 'Änderungen, die neuesten zuerst',
  none: 'Es wurde noch nichts geändert.',
  time: 'Zeit',
  who: 'Wer',
  what: 'Was',
  subject: 'Woran',
  details: 'Einzelheiten',
  address: 'Von',
  filter: 'In den gezeigten Einträgen suchen',
  nothingShown: (text) =>
    `Keiner der gezeigten Einträge enthält „${text}“. Ältere werden durchsucht, sobald sie gezeigt werden.`,
  changed: (before, after) => `${before} → ${after}`,
  empty: '(leer)',
  platform: 'die Plattform selbst',
};
