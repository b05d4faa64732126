// The coasts of the world (Natural Earth, 1:110 million, built in: nothing is fetched from elsewhere) with tracks on them.
import { ActionIcon, Group, Text } from '@mantine/core';
import { IconFocusCentered, IconMinus, IconPlus, IconWorld } from '@tabler/icons-react';
import { geoGraticule, geoMercator, geoPath, type GeoPermissibleObjects } from 'd3-geo';
import { useMemo, useState } from 'react';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import world from 'world-atlas/land-110m.json';
import { formatNumber } from '@/base/format';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import { colorOf } from './colors';
import classes from './panels.module.css';
import type { Position } from './positions';

const topology = world as unknown as Topology;
const landObject = topology.objects.land;
if (!landObject) throw new Error('the outline of the world has no land');
const land = feature(topology, landObject);

interface Track {
  name: string;
  places: (Position & { time: string })[];
}

interface WorldMapProps {
  tracks: Track[];
  width: number;
  height: number;
  title: string;
}

/** Nearer than this the coasts say nothing any more: what is in one place is shown with its surroundings. */
const degrees_min = 2;
/** Where Mercator's map ends. */
const latitude_max = 84;
const list_px = 22;

const whole: GeoPermissibleObjects = {
  type: 'MultiPoint',
  coordinates: [
    [-179.9, -60],
    [179.9, 78],
  ],
};

function extent(places: Position[]): GeoPermissibleObjects {
  const lats = places.map((place) => place.lat);
  const lons = places.map((place) => place.lon);
  const around = (values: number[], limit: number): [number, number] => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const margin = Math.max((degrees_min - (high - low)) / 2, (high - low) * 0.15);
    return [Math.max(-limit, low - margin), Math.min(limit, high + margin)];
  };
  const [south, north] = around(lats, latitude_max);
  const [west, east] = around(lons, 180);
  return {
    type: 'MultiPoint',
    coordinates: [
      [west, south],
      [east, north],
    ],
  };
}

export function WorldMap({ tracks, width, height, title }: WorldMapProps) {
  const { language, messages } = useI18n();
  const { dashboards } = messages;
  const [zoom, setZoom] = useState(1);
  const [isWhole, setWhole] = useState(false);
  const mapHeight = Math.max(60, height - list_px * Math.min(3, tracks.length) - 8);
  const places = tracks.flatMap((track) => track.places);
  const { projection, path } = useMemo(() => {
    const fitted = geoMercator().fitExtent(
      [
        [8, 8],
        [width - 8, mapHeight - 8],
      ],
      isWhole ? whole : extent(places),
    );
    const [x, y] = fitted.translate();
    // Zoomed around the middle of the picture.
    fitted
      .scale(fitted.scale() * zoom)
      .translate([width / 2 + (x - width / 2) * zoom, mapHeight / 2 + (y - mapHeight / 2) * zoom])
      .clipExtent([
        [0, 0],
        [width, mapHeight],
      ]);
    return { projection: fitted, path: geoPath(fitted) };
  }, [places, width, mapHeight, zoom, isWhole]);
  const degrees = useMemo(() => {
    const corner = projection.invert?.([0, mapHeight / 2])?.[0] ?? -180;
    const other = projection.invert?.([width, mapHeight / 2])?.[0] ?? 180;
    const span = Math.min(360, Math.abs(other - corner));
    return [0.1, 0.5, 1, 5, 10, 30].find((each) => span / each <= 12) ?? 30;
  }, [projection, width, mapHeight]);
  return (
    <div className={classes.map}>
      <svg role="img" aria-label={title} width={width} height={mapHeight}>
        <rect width={width} height={mapHeight} className={classes.sea} />
        <path d={path(land) ?? ''} className={classes.land} />
        <path
          d={path(geoGraticule().step([degrees, degrees])()) ?? ''}
          className={classes.grid}
          fill="none"
          opacity={0.6}
        />
        {tracks.map((track, at) => {
          const last = track.places.at(-1);
          const spot = last && projection([last.lon, last.lat]);
          return (
            <g key={track.name + String(at)}>
              <path
                d={path({ type: 'LineString', coordinates: track.places.map(({ lon, lat }) => [lon, lat]) }) ?? ''}
                fill="none"
                strokeWidth={2}
                strokeLinejoin="round"
                style={{ stroke: colorOf(at) }}
              />
              {spot && (
                <circle cx={spot[0]} cy={spot[1]} r={6} className={classes.dot} style={{ fill: colorOf(at) }}>
                  <title>{track.name}</title>
                </circle>
              )}
            </g>
          );
        })}
      </svg>
      <Group gap={4} className={classes.mapButtons}>
        <ActionIcon
          variant="default"
          aria-label={dashboards.zoomIn}
          onClick={() => setZoom((each) => Math.min(64, each * 2))}
        >
          <IconPlus size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={dashboards.zoomOut}
          onClick={() => setZoom((each) => Math.max(0.25, each / 2))}
        >
          <IconMinus size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={isWhole ? dashboards.toTrack : dashboards.wholeWorld}
          onClick={() => {
            setZoom(1);
            setWhole(!isWhole);
          }}
        >
          {isWhole ? <IconFocusCentered size={16} aria-hidden /> : <IconWorld size={16} aria-hidden />}
        </ActionIcon>
      </Group>
      <ul className={classes.places}>
        {tracks.map((track, at) => {
          const last = track.places.at(-1);
          return (
            last && (
              <Text component="li" size="xs" key={track.name + String(at)}>
                <span className={classes.swatch} style={{ background: colorOf(at) }} />
                {track.name}: {formatNumber(last.lat, language)}, {formatNumber(last.lon, language)},{' '}
                <AgoText time={last.time} />
              </Text>
            )
          );
        })}
      </ul>
    </div>
  );
}
