/** The user that was there first. It can be neither removed nor demoted. */
export const root_id = '-1';
