import type { Messages } from '../en';

export const sensors: Messages['sensors'] = {};
