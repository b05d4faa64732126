import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { TimeSeries } from '@/charts/time-series';
import { seriesBody, seriesPoints } from '@/charts/series-query';
import type { PanelOf } from '../document';
import { PanelData, Unanswered } from './panel-states';
import classes from './panels.module.css';
import { useEach, type PanelProps } from './readings';

/** What the chart has around its plot, before it was measured. */
const around_px = 70;
const plot_px_min = 80;

export function TimeSeriesPanel(props: PanelProps<PanelOf<'time-series'>>) {
  const { panel, sensors, bounds, onBounds, title, width, height } = props;
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
  const series = useMemo(
    () =>
      (query.data ?? []).flatMap(({ sensor, answer }) => {
        if (!answer) return [];
        const { time_ms, mean, min, max } = seriesPoints(answer, bounds, width);
        const points = panel.options.band ? { time_ms, mean, min, max } : { time_ms, mean };
        return [{ label: sensor.name, unit: sensor.unit, points }];
      }),
    [query.data, bounds, width, panel.options.band],
  );
  return (
    <PanelData query={query} isEmpty={() => series.every(({ points }) => points.time_ms.length === 0)}>
      {(answers) => (
        <>
          <div ref={place} className={classes.series}>
            <TimeSeries
              series={series}
              range={bounds}
              {...(onBounds ? { onRange: onBounds } : {})}
              height={plot}
              ariaLabel={title}
            />
          </div>
          <Unanswered answers={answers} />
        </>
      )}
    </PanelData>
  );
}
