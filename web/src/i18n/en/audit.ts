export const audit = {
  title: 'Audit log',
  caption: 'Changes, the newest first',
  none: 'Nothing has been changed yet.',
  time: 'Time',
  who: 'Who',
  what: 'What',
  subject: 'Of what',
  details: 'Details',
  address: 'From',
  filter: 'Find in the entries shown',
  nothingShown: (text: string) =>
    `None of the entries shown has “${text}”. Older ones are looked through once they are shown.`,
  changed: (before: string, after: string) => `${before} → ${after}`,
  empty: '(empty)',
  platform: 'the platform itself',
};
