import type { AuditEntry } from '@/api/audit';
import { TextLink } from '@/components/links';

/** "device/3" as a link to its page. What is deleted has none; a sensor has one only under its device. */
export function SubjectLink({ entry }: { entry: AuditEntry }) {
  const [kind = '', id = ''] = entry.subject.split('/');
  if (entry.action.endsWith('.delete')) return entry.subject;
  switch (kind) {
    case 'device':
      return (
        <TextLink to="/devices/$device" params={{ device: id }}>
          {entry.subject}
        </TextLink>
      );
    case 'consumer':
      return (
        <TextLink to="/consumers/$consumer" params={{ consumer: id }}>
          {entry.subject}
        </TextLink>
      );
    case 'dashboard':
      return (
        <TextLink to="/dashboards/$dashboard" params={{ dashboard: id }}>
          {entry.subject}
        </TextLink>
      );
    case 'user':
      return <TextLink to="/users">{entry.subject}</TextLink>;
    case 'sensor':
      return typeof entry.details.device === 'string' ? (
        <TextLink to="/devices/$device/sensors/$sensor" params={{ device: entry.details.device, sensor: id }}>
          {entry.subject}
        </TextLink>
      ) : (
        entry.subject
      );
    default:
      return entry.subject;
  }
}
