import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useMessages } from '@/i18n';
import type { PanelOf } from '../document';
import { newestBody } from './newest';
import { PanelData, PanelNote, Unanswered } from './panel-states';
import { positionOf } from './positions';
import { readingsOf, useEach, type PanelProps, type SensorAnswer } from './readings';

/** The outline of the world and how it is drawn come when the first map is shown. */
const WorldMap = lazy(() => import('./world-map').then((module) => ({ default: module.WorldMap })));

const track_points_max = 2_000;

const tracksOf = (answers: SensorAnswer[]) =>
  answers.map(({ sensor, answer }) => ({
    name: sensor.name,
    // From the oldest to the newest.
    places: readingsOf(answer)
      .flatMap(({ timestamp, value }) => {
        const position = positionOf(value);
        return position ? [{ ...position, time: timestamp }] : [];
      })
      .reverse(),
  }));

export function MapPanel(props: PanelProps<PanelOf<'map'>>) {
  const { panel, sensors, bounds, title, width, height } = props;
  const { common, dashboards } = useMessages();
  const query = useEach(sensors, newestBody(bounds, panel.options.track ? track_points_max : 1), props);
  return (
    <PanelData query={query} isEmpty={(answers) => answers.every(({ answer }) => readingsOf(answer).length === 0)}>
      {(answers) => {
        const tracks = tracksOf(answers);
        if (tracks.every(({ places }) => places.length === 0)) return <PanelNote text={dashboards.noPlaces} />;
        return (
          <>
            <Suspense fallback={<Skeleton h="100%" role="status" aria-busy aria-label={common.loading} />}>
              <WorldMap tracks={tracks} width={width} height={height} title={title} />
            </Suspense>
            <Unanswered answers={answers} />
          </>
        );
      }}
    </PanelData>
  );
}
