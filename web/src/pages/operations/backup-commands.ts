// The commands of a backup, as a shell takes them.

/** Quoted where a shell would read more than a name into it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const copyOf = (directory: string, day: string) => shellWord(`${directory}-backup-${day}`);

export function backupCommand(directory: string, day: string): string {
  return `iotplatform backup --data-dir ${shellWord(directory)} ${copyOf(directory, day)}`;
}

export function verifyCommand(directory: string, day: string): string {
  return `iotplatform verify --data-dir ${copyOf(directory, day)}`;
}

export function restoreCommand(directory: string, day: string): string {
  return `iotplatform restore --data-dir ${shellWord(directory)} ${copyOf(directory, day)}`;
}
