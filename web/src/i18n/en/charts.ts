export const charts = {
  empty: 'No readings in this time',
  time: 'Time',
  earlier: 'Earlier',
  later: 'Later',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
};
