// English, and what every other language must have.
import { common } from './common';
import { devices } from './devices';
import { sensors } from './sensors';
import { consumers } from './consumers';

export const messages = { common, devices, sensors, consumers };
export type Messages = typeof messages;
