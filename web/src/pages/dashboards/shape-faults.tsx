import { Code, List } from '@mantine/core';
import type { ShapeFault } from '@/base/shape';
import { useMessages } from '@/i18n';

const shown_max = 10;

/** What is wrong in a document, and where. */
export function ShapeFaults({ faults }: { faults: ShapeFault[] }) {
  const { dashboards } = useMessages();
  return (
    <List size="sm">
      {faults.slice(0, shown_max).map(({ path, fault, expected }) => (
        <List.Item key={path + fault}>
          {path && <Code>{path}</Code>} {dashboards.faults[fault](expected)}
        </List.Item>
      ))}
      {faults.length > shown_max && <List.Item>{dashboards.moreFaults(faults.length - shown_max)}</List.Item>}
    </List>
  );
}
