import type { Messages } from '../en';

export const explore: Messages['explore'] = {
  title: 'Abfragen',
  language: 'Sprache der Abfrage',
  search: 'Suche (JSON)',
  index: 'Indizes',
  indexHint: '<Gerät>_<Sensor>, etwa 3_4, 3_*',
  history: 'Frühere Abfragen',
  chooseHistory: 'Wählen …',
  query: 'Abfrage',
  run: 'Ausführen',
  runHint: 'oder Strg+Eingabe im Editor; Strg+Leertaste vervollständigt',
  curl: 'Dasselbe mit curl; $TOKEN ist das Token eines Abnehmers oder Benutzers',
  refused: 'Die Abfrage wurde abgelehnt',
  took: (all) => `${all} ms`,
  tookOf: (server, all) => `Dauerte ${server} ms, mit Hin- und Rückweg ${all} ms`,
  table: 'Tabelle',
  moreRows: (shown, all) => `Die ersten ${shown} von ${all} Zeilen; JSON hat alle`,
};
