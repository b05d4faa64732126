import { Alert, Button, Group, Paper, SegmentedControl, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import '@mantine/core/styles/Switch.css';
import { useDisclosure, useThrottledValue } from '@mantine/hooks';
import { IconDownload, IconPencil, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { api, data, type Sensor } from '@/api/client';
import { indexOf, search } from '@/api/elasticsearch';
import { useLive } from '@/api/live';
import { useMayWrite } from '@/api/session';
import { deviceQuery, keys, sensorQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { formatDuration } from '@/base/format';
import { seriesBody, seriesPoints, type TimeRange } from '@/charts/series-query';
import { lastRange, lasts, type Last } from '@/charts/time-range';
import { TimeSeries } from '@/charts/time-series';
import { ConfirmDelete } from '@/components/confirm-delete';
import { Dialog } from '@/components/form';
import { ButtonLink } from '@/components/links';
import { Page, PageError } from '@/components/page';
import { Empty, LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { ReadingTable } from './reading-table';
import { SensorForm } from './sensor-form';
import { SensorInfo } from './sensor-info';
import { StatisticsCard } from './statistics-card';
import { isNumeric, span } from './statistics';

export function SensorPage() {
  const { device, sensor } = useParams({ from: '/devices/$device/sensors/$sensor' });
  const query = useQuery(sensorQuery(device, sensor));
  if (query.isError) return <PageError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows />;
  return <SensorView sensor={query.data} />;
}

function SensorView({ sensor }: { sensor: Sensor }) {
  const { common, devices, sensors } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const client = useQueryClient();
  const device = useQuery(deviceQuery(sensor.device_id));
  const [isEditing, editing] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const path = { device_id: sensor.device_id, sensor_id: sensor.id };
  return (
    <Page
      title={sensor.name}
      above={[
        { to: '/devices', label: devices.title },
        { to: `/devices/${sensor.device_id}`, label: device.data?.name ?? sensor.device_id },
      ]}
      actions={
        <>
          <SensorInfo sensor={sensor} />
          {mayWrite && (
            <>
              <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={editing.open}>
                {common.edit}
              </Button>
              <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={deleting.open}>
                {common.delete}
              </Button>
            </>
          )}
        </>
      }
    >
      <Stack>
        {sensor.description && <Text>{sensor.description}</Text>}
        <Text className="quiet" size="sm">
          {[sensor.path, sensor.mapping.type, sensor.unit].filter(Boolean).join(' · ')}
          {' · '}
          {sensors.kept} {sensor.retention ? formatDuration(sensor.retention) : sensors.keptForever}
        </Text>
        <Readings sensor={sensor} />
      </Stack>
      <Dialog title={sensors.edit} opened={isEditing} onClose={editing.close}>
        <SensorForm
          device={sensor.device_id}
          sensor={sensor}
          onCancel={editing.close}
          onSaved={() => {
            editing.close();
            tell(common.saved);
          }}
        />
      </Dialog>
      <ConfirmDelete
        title={sensors.delete}
        name={sensor.name}
        opened={isDeleting}
        onClose={deleting.close}
        remove={() => data(api.DELETE('/api/devices/{device_id}/sensors/{sensor_id}', { params: { path } }))}
        onRemoved={() => {
          tell(sensors.deleted(sensor.name));
          void navigate({ to: '/devices/$device', params: { device: sensor.device_id } });
          void client.invalidateQueries({ queryKey: keys.devices });
        }}
      >
        {sensors.deleteLoss}
      </ConfirmDelete>
    </Page>
  );
}

/** The width that queries are made for: charts are about as wide, and neighbouring widths share their answers. */
const width_px = 1_200;
const below_every_ms = 1_000;

function Readings({ sensor }: { sensor: Sensor }) {
  const { sensors } = useMessages();
  const index = indexOf(sensor.device_id, sensor.id);
  const spanQuery = useQuery({
    queryKey: ['span', index],
    queryFn: ({ signal }) => span(index, signal),
    refetchInterval: (query) => (query.state.data ? false : 2_000),
  });
  if (spanQuery.isError) return <LoadError error={spanQuery.error} onRetry={() => void spanQuery.refetch()} />;
  if (spanQuery.data === undefined) return <LoadingRows />;
  if (spanQuery.data === null) {
    return (
      <Empty text={sensors.noReadings}>
        <ButtonLink to="/connect" search={{ device: sensor.device_id, sensor: sensor.id }}>
          {sensors.howToSend}
        </ButtonLink>
      </Empty>
    );
  }
  return <ReadingsSince sensor={sensor} index={index} whole={spanQuery.data} />;
}

type Shown = Last | 'all' | TimeRange;

function ReadingsSince({ sensor, index, whole }: { sensor: Sensor; index: string; whole: TimeRange }) {
  const { sensors } = useMessages();
  // What was measured long ago is shown where it is, and not an empty last day.
  const [shown, setShown] = useState<Shown>(() =>
    whole.to_ms > Date.now() - 86_400_000 && whole.from_ms < Date.now() ? '24h' : 'all',
  );
  const [now, setNow] = useState(() => Date.now());
  const [isLive, setLive] = useState(false);
  const [newest_ms, setNewest] = useState(whole.to_ms);
  const isOpen = useLive(
    [sensor.id],
    isLive,
    useCallback((readings) => {
      setNow(Date.now());
      setNewest((before) =>
        readings.reduce((newest, each) => Math.max(newest, Date.parse(each.timestamp) + 1), before),
      );
    }, []),
  );
  const range = useMemo((): TimeRange => {
    if (shown === 'all') return { from_ms: whole.from_ms, to_ms: newest_ms };
    return typeof shown === 'string' ? lastRange(shown, now) : shown;
  }, [shown, whole, newest_ms, now]);
  // What stands below the chart follows it more slowly.
  const below = useThrottledValue(range, below_every_ms);
  const numeric = isNumeric(sensor.mapping.type);
  const series = useQuery({
    queryKey: ['series', index, range],
    queryFn: async ({ signal }) =>
      seriesPoints(await search(index, seriesBody(range, width_px), { signal }), range, width_px),
    enabled: numeric,
    placeholderData: keepPreviousData,
  });
  const csv = new URLSearchParams({
    from: new Date(range.from_ms).toISOString(),
    to: new Date(range.to_ms).toISOString(),
  });
  return (
    <>
      <Group justify="space-between">
        <SegmentedControl
          aria-label={sensors.range}
          value={typeof shown === 'string' ? shown : ''}
          onChange={(value) => {
            setNow(Date.now());
            setShown(value as Last | 'all');
          }}
          data={[...lasts, 'all' as const].map((value) => ({ value, label: sensors.last[value] }))}
        />
        <Group>
          <Switch
            label={sensors.live}
            description={isOpen ? sensors.liveHint : sensors.liveBroken}
            checked={isLive}
            onChange={(event) => setLive(event.currentTarget.checked)}
          />
          <Button
            component="a"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            title={sensors.downloadHint}
            href={`/api/devices/${sensor.device_id}/sensors/${sensor.id}/readings?${csv}&format=csv`}
            download={`${sensor.name}.csv`}
          >
            {sensors.download}
          </Button>
        </Group>
      </Group>
      {numeric ? (
        <Paper withBorder p="xs" component="section" aria-label={sensors.chart}>
          {series.isError && <Alert color="red">{series.error.message}</Alert>}
          <TimeSeries
            series={series.data ? [{ label: sensor.name, unit: sensor.unit, points: series.data }] : []}
            range={range}
            onRange={(moved) => {
              setLive(false);
              setShown(moved);
            }}
            height={320}
            ariaLabel={sensors.chartOf(sensor.name)}
          />
        </Paper>
      ) : (
        <Text className="quiet">{sensors.noChart}</Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <StatisticsCard index={index} unit={sensor.unit} range={below} numeric={numeric} />
        <ReadingTable index={index} unit={sensor.unit} range={below} />
      </SimpleGrid>
    </>
  );
}
