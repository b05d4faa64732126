import type { Messages } from '../en';

export const consumers: Messages['consumers'] = {};
