import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  Group,
  Input,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Textarea,
} from '@mantine/core';
import '@mantine/core/styles/Fieldset.css';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import { FormBody, useForm, type Form } from '@/components/form';
import { useMessages } from '@/i18n';
import {
  defaultOptions,
  intervals,
  kinds,
  sensors_max,
  values,
  type Kind,
  type Panel,
  type Variable,
} from './document';
import { fitsKind, partsOf, textsOf, type PanelTexts } from './panel-values';
import type { SensorRef } from './panels/readings';
import { DevicePicker, SensorPicker } from './thing-pickers';
import { refOf } from './use-sensors';

/** What kinds there are. */
export function KindChoice({ onChosen }: { onChosen: (kind: Kind) => void }) {
  const { dashboards } = useMessages();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
      {kinds.map((kind, at) => (
        <Button
          key={kind}
          variant="default"
          h="auto"
          py="xs"
          justify="flex-start"
          data-autofocus={at === 0 || undefined}
          onClick={() => onChosen(kind)}
          styles={{ label: { whiteSpace: 'normal' } }}
        >
          <Stack gap={0} ta="start">
            <Text fw={600}>{dashboards.kinds[kind]}</Text>
            <Text size="xs" className="quiet">
              {dashboards.kindHints[kind]}
            </Text>
          </Stack>
        </Button>
      ))}
    </SimpleGrid>
  );
}

type NewParts = Pick<Panel, 'title' | 'sensors' | 'labels' | 'device' | 'path' | 'options'>;

interface PanelFormProps {
  dashboard: string;
  kind: Kind;
  /** Missing: a new one. */
  panel?: Panel | undefined;
  variables: Variable[];
  onDone: (parts: NewParts) => void;
  onCancel: () => void;
}

export function PanelForm({ dashboard, kind, panel, variables, onDone, onCancel }: PanelFormProps) {
  const { common, dashboards } = useMessages();
  const [initial] = useState(() =>
    textsOf(panel ?? { title: '', sensors: [] }, panel?.options ?? defaultOptions[kind]),
  );
  const form = useForm<PanelTexts>({
    draft: `dashboard.${dashboard}.panel.${panel?.id ?? kind}`,
    initial,
    save: (texts) => {
      const parts = partsOf(kind, texts, dashboards);
      if (Array.isArray(parts)) return Promise.reject(new ApiError(422, 'Invalid', parts));
      onDone(parts);
      return Promise.resolve();
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={panel ? dashboards.apply : common.add}>
      <TextInput
        label={dashboards.panelTitle}
        description={dashboards.panelTitleHint}
        maxLength={200}
        {...form.field('title')}
      />
      {kind !== 'text' && kind !== 'devices' && <Sensors form={form} kind={kind} variables={variables} />}
      <Options form={form} kind={kind} />
    </FormBody>
  );
}

interface PartProps {
  form: Form<PanelTexts>;
  kind: Kind;
}

function Sensors({ form, kind, variables }: PartProps & { variables: Variable[] }) {
  const { dashboards } = useMessages();
  const [device, setDevice] = useState<string | null>(null);
  const sensors = JSON.parse(form.values.sensors ?? '[]') as SensorRef[];
  const set = (next: SensorRef[]) => form.set('sensors', JSON.stringify(next));
  const ofDevice = variables.filter((variable) => variable.kind === 'device');
  const isVariable = form.values.device !== '';
  return (
    <Fieldset legend={dashboards.sensors}>
      <Stack gap="xs">
        {(ofDevice.length > 0 || isVariable) && (
          <NativeSelect
            label={dashboards.source}
            {...form.field('device')}
            data={[
              { value: '', label: dashboards.fixedSensors },
              ...ofDevice.map((each) => ({ value: `$${each.name}`, label: dashboards.ofVariable(each.label) })),
            ]}
          />
        )}
        {isVariable ? (
          <TextInput label={dashboards.pathPattern} description={dashboards.pathPatternHint} {...form.field('path')} />
        ) : (
          <>
            {sensors.length > 0 && (
              <Stack component="ul" gap="xs" p={0} m={0}>
                {sensors.map((sensor, at) => (
                  <Paper key={sensor.index} component="li" withBorder p="xs">
                    <Group align="end" wrap="nowrap" gap="xs">
                      <TextInput
                        flex={2}
                        label={dashboards.shownAs(sensor.index)}
                        value={sensor.name}
                        maxLength={200}
                        onChange={(event) => {
                          const name = event.currentTarget.value;
                          set(sensors.map((each, of) => (of === at ? { ...each, name } : each)));
                        }}
                      />
                      <TextInput
                        flex={1}
                        label={dashboards.unit}
                        value={sensor.unit}
                        maxLength={100}
                        onChange={(event) => {
                          const unit = event.currentTarget.value;
                          set(sensors.map((each, of) => (of === at ? { ...each, unit } : each)));
                        }}
                      />
                      <ActionIcon
                        variant="default"
                        size={36}
                        aria-label={dashboards.removeSensor(sensor.name || sensor.index)}
                        onClick={() => set(sensors.filter((_, of) => of !== at))}
                      >
                        <IconTrash size={16} aria-hidden />
                      </ActionIcon>
                    </Group>
                  </Paper>
                ))}
              </Stack>
            )}
            {sensors.length < sensors_max && (
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
                <DevicePicker
                  label={dashboards.device}
                  value={device}
                  onChange={(chosen) => setDevice(chosen?.id ?? null)}
                />
                {device && (
                  <SensorPicker
                    key={device}
                    device={device}
                    label={dashboards.addSensor}
                    fits={(sensor) =>
                      fitsKind(kind, sensor.mapping.type) &&
                      !sensors.some((each) => each.index === `${sensor.device_id}_${sensor.id}`)
                    }
                    onPick={(sensor) => set([...sensors, refOf(sensor)])}
                  />
                )}
              </SimpleGrid>
            )}
            <Input.Error role="alert">{form.field('sensors').error}</Input.Error>
          </>
        )}
      </Stack>
    </Fieldset>
  );
}

function Yes({ form, name, label }: { form: Form<PanelTexts>; name: string; label: string }) {
  return (
    <Checkbox
      label={label}
      checked={form.values[name] === 'yes'}
      onChange={(event) => form.set(name, event.currentTarget.checked ? 'yes' : 'no')}
    />
  );
}

function Numbers({ form, fields }: { form: Form<PanelTexts>; fields: [string, string][] }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
      {fields.map(([name, label]) => (
        <TextInput key={name} label={label} inputMode="decimal" {...form.field(name)} />
      ))}
    </SimpleGrid>
  );
}

function Options({ form, kind }: PartProps) {
  const { dashboards } = useMessages();
  const valueChoice = (
    <NativeSelect
      label={dashboards.ofValues}
      {...form.field('value')}
      data={values.map((value) => ({ value, label: dashboards.values[value] }))}
    />
  );
  const limits: [string, string][] = [
    ['warn', dashboards.warnFrom],
    ['alarm', dashboards.alarmFrom],
  ];
  switch (kind) {
    case 'time-series':
      return <Yes form={form} name="band" label={dashboards.band} />;
    case 'latest':
    case 'gauge':
      return (
        <Stack gap={4}>
          <Numbers
            form={form}
            fields={kind === 'latest' ? limits : [['min', dashboards.min], ['max', dashboards.max], ...limits]}
          />
          <Text size="xs" className="quiet">
            {dashboards.limitsHint}
          </Text>
        </Stack>
      );
    case 'bar':
      return (
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
          <NativeSelect
            label={dashboards.barsBy}
            {...form.field('by')}
            data={[
              { value: 'sensor', label: dashboards.bySensor },
              { value: 'interval', label: dashboards.byInterval },
            ]}
          />
          {form.values.by === 'interval' && (
            <NativeSelect
              label={dashboards.interval}
              {...form.field('interval')}
              data={intervals.map((value) => ({ value, label: dashboards.intervals[value] }))}
            />
          )}
          {valueChoice}
        </SimpleGrid>
      );
    case 'table':
      return <TextInput label={dashboards.rows} inputMode="numeric" {...form.field('rows')} />;
    case 'heat-map':
      return valueChoice;
    case 'map':
      return <Yes form={form} name="track" label={dashboards.track} />;
    case 'text':
      return (
        <Textarea
          label={dashboards.text}
          description={dashboards.textHint}
          autosize
          minRows={5}
          maxRows={20}
          maxLength={20_000}
          {...form.field('text')}
        />
      );
    case 'devices':
      return <Devices form={form} />;
  }
}

function Devices({ form }: { form: Form<PanelTexts> }) {
  const { dashboards } = useMessages();
  const devices = JSON.parse(form.values.devices ?? '[]') as { id: string; name: string }[];
  const set = (next: typeof devices) => form.set('devices', JSON.stringify(next));
  return (
    <Fieldset legend={dashboards.devices}>
      <Stack gap="xs">
        {devices.map((device) => (
          <Group key={device.id} justify="space-between" wrap="nowrap">
            <Text>{device.name}</Text>
            <ActionIcon
              variant="default"
              aria-label={dashboards.removeSensor(device.name)}
              onClick={() => set(devices.filter((each) => each.id !== device.id))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {devices.length < sensors_max && (
          <DevicePicker
            // Empty again after each choice.
            key={devices.length}
            label={dashboards.addDevice}
            value={null}
            onChange={(device) => {
              if (device && !devices.some((each) => each.id === device.id)) {
                set([...devices, { id: device.id, name: device.name }]);
              }
            }}
          />
        )}
      </Stack>
    </Fieldset>
  );
}
