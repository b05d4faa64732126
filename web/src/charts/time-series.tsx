// Series over time: a line for the mean, a band from minimum to maximum, pan and zoom with mouse, fingers and buttons.
import { ActionIcon, Group, Text, Tooltip, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, formatTime } from '@/base/format';
import { useI18n, useMessages } from '@/i18n';
import { onGestures } from './gestures';
import { panned, zoomed } from './range';
import type { SeriesPoints, TimeRange } from './series-query';
import { timeLabels } from './time-labels';
import classes from './time-series.module.css';

export interface ChartSeries {
  label: string;
  unit: string;
  color?: string;
  points: SeriesPoints;
}

interface TimeSeriesProps {
  series: ChartSeries[];
  range: TimeRange;
  /** Is told where the user panned or zoomed to; missing: the chart stands still. */
  onRange?: (range: TimeRange) => void;
  height: number;
  ariaLabel: string;
}

/** Told apart also by those who see few colours (Okabe and Ito), darker for white and lighter for black. */
const colors = {
  light: ['#0b6ea8', '#b3541e', '#00735a', '#9c4f8a', '#7a6a00', '#1f7fbf', '#444444'],
  dark: ['#56b4e9', '#e69f00', '#3ac79f', '#d99bc4', '#f0e442', '#7fc4f0', '#cccccc'],
};
const grid = { light: '#00000014', dark: '#ffffff1c' };
const axis_text = { light: '#495057', dark: '#c1c8cf' };
/** How often a gesture asks for what it came to. */
const told_every_ms = 150;
/** A part of the width that a button moves by. */
const step = 0.25;

export function colorOf(number: number, scheme: 'light' | 'dark'): string {
  const palette = colors[scheme];
  return palette[number % palette.length] ?? '#888888';
}

/** One table of columns for all series: their times together, null where one has nothing. */
function join(series: ChartSeries[]): uPlot.AlignedData {
  const tables = series.map(({ points }): uPlot.AlignedData => [
    points.time_ms,
    points.mean,
    points.min ?? points.mean,
    points.max ?? points.mean,
  ]);
  const [first] = tables;
  if (!first) return [[]];
  // A missing point of one is no gap of another: the lines go on.
  return tables.length === 1
    ? first
    : uPlot.join(
        tables,
        tables.map((table) => table.map(() => 1)),
      );
}

export function TimeSeries({ series, range, onRange, height, ariaLabel }: TimeSeriesProps) {
  const { language, messages } = useI18n();
  const { charts } = messages;
  const scheme = useComputedColorScheme('light');
  const { ref, width } = useElementSize<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const place = useRef<HTMLDivElement>(null);
  // The chart calls the newest function with the newest range, and is not made anew for it.
  const present = useRef({ range, onRange });
  // While a gesture goes on the chart moves by itself, and tells of it now and then.
  const moved = useRef<TimeRange | undefined>(undefined);
  const tellTimer = useRef(0);
  useEffect(() => {
    present.current = { range, onRange };
    if (tellTimer.current === 0) moved.current = undefined;
  });

  const data = useMemo(() => join(series), [series]);
  const looks = series.map(({ label, unit, color, points }, at) => ({
    label,
    unit,
    color: color ?? colorOf(at, scheme),
    hasBounds: points.min !== undefined,
  }));
  const looksKey = JSON.stringify(looks);

  useEffect(() => {
    const element = place.current;
    if (!element || width === 0) return undefined;
    const shown = JSON.parse(looksKey) as typeof looks;
    const units = [...new Set(shown.map(({ unit }) => unit))];
    const scaleOf = (unit: string) => `y${units.indexOf(unit)}`;
    const options: uPlot.Options = {
      width,
      height,
      ms: 1,
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      legend: { live: true },
      scales: {
        x: {
          time: true,
          range: () => {
            const { from_ms, to_ms } = moved.current ?? present.current.range;
            return [from_ms, to_ms];
          },
        },
      },
      axes: [
        {
          stroke: axis_text[scheme],
          grid: { stroke: grid[scheme] },
          ticks: { stroke: grid[scheme] },
          space: 70,
          values: (_, splits, __, ___, step_ms) => timeLabels(splits, step_ms, language),
        },
        ...units.slice(0, 2).map((unit, at): uPlot.Axis => ({
          scale: scaleOf(unit),
          side: at === 0 ? 3 : 1,
          label: unit,
          labelSize: unit ? 20 : 0,
          stroke: axis_text[scheme],
          grid: at === 0 ? { stroke: grid[scheme] } : { show: false },
          ticks: { stroke: grid[scheme] },
          size: 60,
          values: (_, splits) => splits.map((each) => formatNumber(each, language)),
        })),
      ],
      series: [
        { label: charts.time, value: (_, time) => (time === null ? '–' : formatTime(time, language)) },
        ...shown.flatMap(({ label, unit, color, hasBounds }): uPlot.Series[] => {
          const scale = scaleOf(unit);
          const value = (_: uPlot, each: number | null) =>
            each === null ? '–' : `${formatNumber(each, language)}${unit ? ` ${unit}` : ''}`;
          const boundClass = (hasBounds ? classes.bound : classes.noBound) ?? '';
          const bound = { scale, width: 0, points: { show: false }, value };
          return [
            { label, scale, stroke: color, width: 1.5, value, spanGaps: false },
            { ...bound, label: `${label} min`, class: boundClass },
            { ...bound, label: `${label} max`, class: boundClass },
          ];
        }),
      ],
      bands: shown.map(({ color }, at) => ({ series: [3 * at + 3, 3 * at + 2], fill: `${color}30` })),
    };
    const made = new uPlot(options, [[]], element);
    plot.current = made;
    const tell = () => {
      tellTimer.current = 0;
      if (moved.current) present.current.onRange?.(moved.current);
    };
    const move = (change: (range: TimeRange) => TimeRange) => {
      moved.current = change(moved.current ?? present.current.range);
      made.setScale('x', { min: moved.current.from_ms, max: moved.current.to_ms });
      tellTimer.current ||= window.setTimeout(tell, told_every_ms);
    };
    const endGestures = onGestures(made.over, {
      isOn: () => present.current.onRange !== undefined,
      onPan: (part) => move((from) => panned(from, part)),
      onZoom: (factor, at) => move((from) => zoomed(from, factor, at)),
    });
    return () => {
      endGestures();
      window.clearTimeout(tellTimer.current);
      tellTimer.current = 0;
      plot.current = null;
      made.destroy();
    };
  }, [width, height, scheme, language, charts, looksKey]);

  useEffect(() => {
    plot.current?.setData(data, true);
  }, [data, range, width, height, scheme, language, looksKey]);

  const isEmpty = series.every(({ points }) => points.time_ms.length === 0);
  return (
    <div ref={ref} className={classes.chart} data-chart>
      <div ref={place} role="img" aria-label={ariaLabel} />
      {onRange && <Moves range={range} onRange={onRange} />}
      {isEmpty && <Text className={classes.empty}>{charts.empty}</Text>}
    </div>
  );
}

/** What gestures do, as buttons. */
function Moves({ range, onRange }: { range: TimeRange; onRange: (range: TimeRange) => void }) {
  const { charts } = useMessages();
  const moves = [
    { label: charts.earlier, icon: IconChevronLeft, to: () => panned(range, -step) },
    { label: charts.zoomIn, icon: IconZoomIn, to: () => zoomed(range, 0.5, 0.5) },
    { label: charts.zoomOut, icon: IconZoomOut, to: () => zoomed(range, 2, 0.5) },
    { label: charts.later, icon: IconChevronRight, to: () => panned(range, step) },
  ];
  return (
    <Group gap={4} justify="center">
      {moves.map(({ label, icon: Icon, to }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon variant="subtle" aria-label={label} onClick={() => onRange(to())}>
            <Icon size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </Group>
  );
}
