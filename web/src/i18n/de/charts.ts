import type { Messages } from '../en';

export const charts: Messages['charts'] = {
  empty: 'Keine Messwerte in dieser Zeit',
  time: 'Zeit',
  earlier: 'Früher',
  later: 'Später',
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
};
