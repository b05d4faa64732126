// Dashboards as files.
import type { DashboardFile } from './document';

/** Gives the file to the browser, which saves it. */
export function download(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return `${plain || 'dashboard'}.json`;
}

export function exportDashboard(file: DashboardFile): void {
  download(fileName(file.name), `${JSON.stringify(file, undefined, 2)}\n`);
}
