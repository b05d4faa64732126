import { describe, expect, it } from 'vitest';
import { backupCommand, restoreCommand, shellWord, verifyCommand } from './backup-commands';

describe('commands of a backup', () => {
  it('name the directory and the day', () => {
    expect(backupCommand('/var/lib/iotplatform', '2026-01-31')).toBe(
      'iotplatform backup --data-dir /var/lib/iotplatform /var/lib/iotplatform-backup-2026-01-31',
    );
    expect(verifyCommand('/d', '2026-01-31')).toBe('iotplatform verify --data-dir /d-backup-2026-01-31');
    expect(restoreCommand('/d', '2026-01-31')).toBe('iotplatform restore --data-dir /d /d-backup-2026-01-31');
  });

  it('quote what a shell would take apart', () => {
    expect(shellWord('/my data')).toBe("'/my data'");
    expect(shellWord("/it's")).toBe(`'/it'\\''s'`);
  });
});
