export const sensors = {};
