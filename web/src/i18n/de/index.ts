import type { Messages } from '../en';
import { charts } from './charts';
import { common } from './common';
import { dashboards } from './dashboards';
import { devices } from './devices';
import { explore } from './explore';
import { sensors } from './sensors';
import { consumers } from './consumers';

export const messages: Messages = { charts, common, dashboards, devices, explore, sensors, consumers };
