// English, and what every other language must have.
import { audit } from './audit';
import { charts } from './charts';
import { common } from './common';
import { connect } from './connect';
import { consumers } from './consumers';
import { dashboards } from './dashboards';
import { devices } from './devices';
import { explore } from './explore';
import { jobs } from './jobs';
import { operations } from './operations';
import { sensors } from './sensors';
import { users } from './users';

export const messages = {
  audit,
  charts,
  common,
  connect,
  consumers,
  dashboards,
  devices,
  explore,
  jobs,
  operations,
  sensors,
  users,
};
export type Messages = typeof messages;
