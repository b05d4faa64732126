import type { Messages } from '../en';

export const jobs: Messages['jobs'] = {
  title: 'Datenstrom-Jobs',
  noJobs: 'Diese Version führt keine eigenen Datenstrom-Jobs aus, und hier lassen sich keine anlegen.',
  runs: 'Was von selbst läuft',
  storing: 'Vom Ereignisprotokoll in den Speicher',
  storingHint:
    'Ein Messwert wird bestätigt, sobald er sicher im Ereignisprotokoll steht, und von da an sehen ihn Abfragen. Dahinter werden die neuesten Messwerte jedes Sensors gepackt und in die Dateien des Speichers geschrieben.',
  written: 'Ins Protokoll geschrieben',
  compressed: 'In den Dateien des Speichers bis',
  waiting: 'Noch zu packen',
  position: (position) => `Position ${position}`,
  records: (count) => `${count} Einträge`,
  waitingHint:
    'Sie stehen auf der Platte im Protokoll und werden von dort gelesen, falls die Plattform unerwartet endet.',
  adminsOnly: 'Wie weit das ist, sieht die Verwaltung.',
};
