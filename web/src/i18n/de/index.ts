import type { Messages } from '../en';
import { charts } from './charts';
import { common } from './common';
import { dashboards } from './dashboards';
import { devices } from './devices';
import { sensors } from './sensors';
import { consumers } from './consumers';
import { users } from './users';
import { audit } from './audit';
import { connect } from './connect';
import { operations } from './operations';
import { jobs } from './jobs';

export const messages: Messages = {
  charts,
  common,
  dashboards,
  devices,
  sensors,
  consumers,
  users,
  audit,
  connect,
  operations,
  jobs,
};
