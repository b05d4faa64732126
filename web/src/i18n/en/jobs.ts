export const jobs = {
  title: 'Stream jobs',
  noJobs: 'This version runs no stream jobs of your own, and there is none to be added here.',
  runs: 'What runs by itself',
  storing: 'From the event log to the store',
  storingHint:
    'A reading is acknowledged once it is safe in the event log, and queries see it from then on. Behind it, the newest readings of each sensor are compressed and written to the store’s files.',
  written: 'Written to the log',
  compressed: 'In the store’s files up to',
  waiting: 'Waiting to be compressed',
  position: (position: string) => `position ${position}`,
  records: (count: string) => `${count} records`,
  waitingHint: 'They are on disk in the log and are read again from there if the platform ends unexpectedly.',
  adminsOnly: 'How far it has come is shown to administrators.',
};
