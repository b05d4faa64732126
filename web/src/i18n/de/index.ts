import type { Messages } from '../en';
import { common } from './common';
import { devices } from './devices';
import { sensors } from './sensors';
import { consumers } from './consumers';

export const messages: Messages = { common, devices, sensors, consumers };
