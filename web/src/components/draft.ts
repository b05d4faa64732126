// What was written into forms and not saved: outlives closing the form and loading the page again, not the tab.
const prefix = 'iotplatform.draft.';

/** Texts by the field's name; nothing where there is no draft. */
export function readDraft(key: string): Record<string, string> {
  try {
    const draft: unknown = JSON.parse(sessionStorage.getItem(prefix + key) ?? '{}');
    if (typeof draft !== 'object' || draft === null) return {};
    return Object.fromEntries(
      Object.entries(draft).filter((each): each is [string, string] => typeof each[1] === 'string'),
    );
  } catch {
    return {};
  }
}

/** Where the store is full or forbidden, the draft lasts as long as its form. */
export function writeDraft(key: string, values: Record<string, string>): void {
  try {
    sessionStorage.setItem(prefix + key, JSON.stringify(values));
  } catch {
    return;
  }
}

export function dropDraft(key: string): void {
  try {
    sessionStorage.removeItem(prefix + key);
  } catch {
    return;
  }
}

/** All of them: another user may sit there next. */
export function dropDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}
