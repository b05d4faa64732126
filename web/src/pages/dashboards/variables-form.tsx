import { ActionIcon, Alert, Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import type { ShapeFault } from '@/base/shape';
import { useMessages } from '@/i18n';
import { checkDocument, type DashboardDocument, type Variable } from './document';
import { ShapeFaults } from './shape-faults';
import { DevicePicker } from './thing-pickers';

interface VariablesFormProps {
  document: DashboardDocument;
  onDone: (variables: Variable[]) => void;
  onCancel: () => void;
}

const variables_max = 10;

export function VariablesForm({ document, onDone, onCancel }: VariablesFormProps) {
  const { common, dashboards } = useMessages();
  const [variables, setVariables] = useState(document.variables);
  const [faults, setFaults] = useState<ShapeFault[]>([]);
  const set = (at: number, change: Partial<Variable>) =>
    setVariables(variables.map((each, of) => (of === at ? { ...each, ...change } : each)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const checked = checkDocument({ ...document, variables });
    if (checked.faults) setFaults(checked.faults);
    else onDone(variables);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{dashboards.variablesHint}</Text>
        {faults.length > 0 && (
          <Alert color="red" role="alert">
            <ShapeFaults faults={faults} />
          </Alert>
        )}
        {variables.map((variable, at) => (
          <Paper key={at} withBorder p="xs" component="fieldset">
            <Stack gap="xs">
              <Group gap="xs" align="end" grow>
                <TextInput
                  label={dashboards.variableLabel}
                  value={variable.label}
                  maxLength={200}
                  onChange={(event) => set(at, { label: event.currentTarget.value })}
                />
                <TextInput
                  label={dashboards.variableName}
                  value={variable.name}
                  maxLength={40}
                  onChange={(event) => set(at, { name: event.currentTarget.value })}
                />
              </Group>
              <Group gap="xs" align="end" grow>
                <NativeSelect
                  label={dashboards.variableKind}
                  value={variable.kind}
                  onChange={(event) =>
                    set(at, { kind: event.currentTarget.value === 'path' ? 'path' : 'device', default: '' })
                  }
                  data={[
                    { value: 'device', label: dashboards.device },
                    { value: 'path', label: dashboards.path },
                  ]}
                />
                {variable.kind === 'device' ? (
                  <DevicePicker
                    label={dashboards.variableDefault}
                    value={variable.default || null}
                    onChange={(device) => set(at, { default: device?.id ?? '' })}
                  />
                ) : (
                  <TextInput
                    label={dashboards.variableDefault}
                    value={variable.default}
                    onChange={(event) => set(at, { default: event.currentTarget.value })}
                  />
                )}
              </Group>
              <Group justify="flex-end">
                <ActionIcon
                  variant="default"
                  aria-label={dashboards.removeSensor(variable.label || variable.name)}
                  onClick={() => setVariables(variables.filter((_, of) => of !== at))}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Stack>
          </Paper>
        ))}
        {variables.length < variables_max && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() =>
              setVariables([...variables, { name: freeName(variables), label: '', kind: 'device', default: '' }])
            }
          >
            {dashboards.addVariable}
          </Button>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit">{dashboards.apply}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function freeName(variables: Variable[]): string {
  let name = 'device';
  for (let at = 2; variables.some((each) => each.name === name); ++at) name = `device${at}`;
  return name;
}
