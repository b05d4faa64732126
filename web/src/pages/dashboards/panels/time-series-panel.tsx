import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { parseTime } from '@/base/format';
import { withLive } from '@/charts/live-points';
import { intervalOf, seriesBody, seriesPoints } from '@/charts/series-query';
import { TimeSeries } from '@/charts/time-series';
import type { PanelOf } from '../document';
import { useLiveReadings } from '../live-readings';
import type { Bounds } from '../range';
import { PanelData, Unanswered } from './panel-states';
import classes from './panels.module.css';
import { answeredOf, useEach, type PanelProps, type Reading } from './readings';

/** What the chart has around its plot, before it was measured. */
const around_px = 70;
const plot_px_min = 80;
/** Between two questions about the whole. */
const live_readings_max = 5_000;
const live_every_ms = 250;

const lastUntil = (to_ms: number, length_ms: number): Bounds => ({ from_ms: to_ms - length_ms, to_ms });

const numbersOf = (readings: readonly Reading[] | undefined) =>
  (readings ?? []).flatMap(({ timestamp, value }) =>
    typeof value === 'number' ? [{ time_ms: parseTime(timestamp), value }] : [],
  );

export function TimeSeriesPanel(props: PanelProps<PanelOf<'time-series'>>) {
  const { panel, sensors, bounds, liveRange_ms, onBounds, title, width, height } = props;
  const [around, setAround] = useState(around_px);
  const plot = Math.max(plot_px_min, height - around);
  const place = useRef<HTMLDivElement>(null);
  // Names of series take as many lines as they do: the plot gets what is left.
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      // Before the chart has drawn there is less than its plot.
      if (element.offsetHeight > plot) setAround(element.offsetHeight - plot);
    });
    observer.observe(element);
    return () => observer.disconnect();
  });
  const query = useEach(sensors, seriesBody(bounds, width), props);
  const interval = intervalOf(bounds, width);
  const come = useLiveReadings({
    indices: answeredOf(query.data),
    kept_max: live_readings_max,
    // What moves it by less than a pixel cannot be seen.
    every_ms: Math.max(live_every_ms, Math.round((bounds.to_ms - bounds.from_ms) / width)),
    always: true,
  });
  const series = useMemo(
    () =>
      (query.data ?? []).flatMap(({ sensor, answer }) => {
        if (!answer) return [];
        const asked = seriesPoints(answer, bounds, width);
        const { time_ms, mean, min, max } = withLive(asked, numbersOf(come?.readings.get(sensor.index)), interval);
        const points = panel.options.band ? { time_ms, mean, min, max } : { time_ms, mean };
        return [{ label: sensor.name, unit: sensor.unit, points }];
      }),
    [query.data, come, bounds, width, interval, panel.options.band],
  );
  const range = come && liveRange_ms !== undefined ? lastUntil(come.now_ms, liveRange_ms) : bounds;
  return (
    <PanelData query={query} isEmpty={() => series.every(({ points }) => points.time_ms.length === 0)}>
      {(answers) => (
        <div ref={place} className={classes.series}>
          <TimeSeries
            series={series}
            range={range}
            {...(onBounds ? { onRange: onBounds } : {})}
            height={plot}
            ariaLabel={title}
          />
          <Unanswered answers={answers} />
        </div>
      )}
    </PanelData>
  );
}
