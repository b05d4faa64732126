import { SimpleGrid, TextInput } from '@mantine/core';
import { ApiError, type Fault } from '@/api/client';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';
import { columns, height_max, type Panel } from './document';
import type { Place } from './layout';

interface PlaceFormProps {
  dashboard: string;
  panel: Panel;
  onDone: (place: Place) => void;
  onCancel: () => void;
}

const row_max = 1_000;

/** Where a panel lies, as numbers: for those who neither drag nor press arrows. */
export function PlaceForm({ dashboard, panel, onDone, onCancel }: PlaceFormProps) {
  const { dashboards } = useMessages();
  const form = useForm({
    draft: `dashboard.${dashboard}.place.${panel.id}`,
    initial: { x: String(panel.x + 1), y: String(panel.y + 1), w: String(panel.w), h: String(panel.h) },
    save: ({ x, y, w, h }) => {
      const faults: Fault[] = [];
      const read = (field: string, text: string, max: number) => {
        const value = Number(text);
        if (Number.isInteger(value) && value >= 1 && value <= max) return value;
        faults.push({ field, message: dashboards.mustBeInteger(1, max) });
        return 1;
      };
      const column = read('x', x, columns);
      const place = {
        x: column - 1,
        y: read('y', y, row_max) - 1,
        w: read('w', w, columns + 1 - column),
        h: read('h', h, height_max),
      };
      if (faults.length > 0) return Promise.reject(new ApiError(422, 'Invalid', faults));
      onDone(place);
      return Promise.resolve();
    },
  });
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={dashboards.apply}>
      <SimpleGrid cols={2}>
        <TextInput label={dashboards.column} inputMode="numeric" data-autofocus {...form.field('x')} />
        <TextInput label={dashboards.row} inputMode="numeric" {...form.field('y')} />
        <TextInput label={dashboards.width} inputMode="numeric" {...form.field('w')} />
        <TextInput label={dashboards.height} inputMode="numeric" {...form.field('h')} />
      </SimpleGrid>
    </FormBody>
  );
}
