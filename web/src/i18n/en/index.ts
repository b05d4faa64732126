// English, and what every other language must have.
import { charts } from './charts';
import { common } from './common';
import { dashboards } from './dashboards';
import { devices } from './devices';
import { explore } from './explore';
import { sensors } from './sensors';
import { consumers } from './consumers';

export const messages = { charts, common, dashboards, devices, explore, sensors, consumers };
export type Messages = typeof messages;
