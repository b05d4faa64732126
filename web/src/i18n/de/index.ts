import type { Messages } from '../en';
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

export const messages: Messages = {
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
