// Details of an audit entry as lines for people, and entries that hold a text.
import type { AuditEntry } from '@/api/audit';

export interface Detail {
  name: string;
  /** Where something became something else. */
  before?: string;
  value: string;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function detailsOf(details: Record<string, unknown>): Detail[] {
  return Object.entries(details).map(([name, value]) => {
    if (typeof value === 'object' && value !== null && 'old' in value && 'new' in value) {
      return { name, before: textOf(value.old), value: textOf(value.new) };
    }
    return { name, value: textOf(value) };
  });
}

/** Whether any of what is shown of the entry has the text, in capitals or not. */
export function holds(entry: AuditEntry, who: string, text: string): boolean {
  const searched = text.trim().toLowerCase();
  if (searched === '') return true;
  const shown = [who, entry.action, entry.subject, entry.address, JSON.stringify(entry.details)];
  return shown.some((each) => each.toLowerCase().includes(searched));
}
