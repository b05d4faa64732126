import { Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Variable } from './document';
import { DevicePicker } from './thing-pickers';
import type { View } from './use-view';

/** The variables of a dashboard, whose values are in its address. */
export function VariableBar({ variables, view }: { variables: Variable[]; view: View }) {
  if (variables.length === 0) return null;
  return (
    <Group gap="sm" mb="sm" align="end">
      {variables.map((variable) =>
        variable.kind === 'device' ? (
          <DevicePicker
            key={variable.name}
            label={variable.label || variable.name}
            value={view.variables[variable.name] || null}
            onChange={(device) => view.setVariable(variable.name, device?.id ?? '')}
          />
        ) : (
          <PathField
            key={`${variable.name} ${view.variables[variable.name] ?? ''}`}
            label={variable.label || variable.name}
            value={view.variables[variable.name] ?? ''}
            onChange={(value) => view.setVariable(variable.name, value)}
          />
        ),
      )}
    </Group>
  );
}

/** Counts when it is left or Enter is pressed, not with each letter. */
function PathField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [written, setWritten] = useState(value);
  const tell = () => {
    if (written !== value) onChange(written);
  };
  return (
    <TextInput
      label={label}
      value={written}
      onChange={(event) => setWritten(event.currentTarget.value)}
      onBlur={tell}
      onKeyDown={(event) => {
        if (event.key === 'Enter') tell();
      }}
    />
  );
}
