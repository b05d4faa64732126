// English, and what every other language must have.
import { charts } from './charts';
import { common } from './common';
import { dashboards } from './dashboards';
import { devices } from './devices';
import { sensors } from './sensors';
import { consumers } from './consumers';

export const messages = { charts, common, dashboards, devices, sensors, consumers };
export type Messages = typeof messages;
