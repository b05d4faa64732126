// The document as it is being changed: kept over a reload until it is saved or discarded.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { ApiError } from '@/api/client';
import { changeDashboard, dashboardKeys, dashboardQuery, type Dashboard } from '@/api/dashboards';
import { dropDraft, readDraft, writeDraft } from '@/components/draft';
import { checkDocument, type DashboardDocument } from './document';

interface Draft {
  document: DashboardDocument;
  /** Of the dashboard that it was made from. */
  version: number;
}

const keyOf = (dashboard: string) => `dashboard.${dashboard}`;

function kept(dashboard: string): Draft | undefined {
  const { document, version } = readDraft(keyOf(dashboard));
  if (document === undefined) return undefined;
  try {
    const { value } = checkDocument(JSON.parse(document));
    return value && { document: value, version: Number(version) };
  } catch {
    return undefined;
  }
}

export interface Editor {
  document: DashboardDocument;
  isDirty: boolean;
  /** What there is was begun before the page was loaded. */
  wasKept: boolean;
  change: (make: (document: DashboardDocument) => DashboardDocument) => void;
  save: () => void;
  isSaving: boolean;
  error: Error | null;
  /** Somebody else saved meanwhile. */
  isConflict: boolean;
  /** Our own way out of a conflict: what the other one saved is lost. */
  overwrite: () => void;
  /** Back to what is saved, by whomever. */
  discard: () => void;
  dismissError: () => void;
  /** Its name or who may see it was changed here, which is no change of the document: what is begun goes on from there. */
  follow: (changed: Dashboard) => void;
}

export function useEditor(dashboard: Dashboard, saved: DashboardDocument, onSaved: () => void): Editor {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft | undefined>(() => (dashboard.may_change ? kept(dashboard.id) : undefined));
  const [wasKept, setWasKept] = useState(draft !== undefined);
  const document = draft?.document ?? saved;

  const saving = useMutation({
    mutationFn: ({ version }: { version: number }) => changeDashboard(dashboard.id, { document, version }),
    onSuccess: (changed) => {
      client.setQueryData(dashboardQuery(dashboard.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: [...dashboardKeys.all, 'list'] });
      setDraft(undefined);
      setWasKept(false);
      onSaved();
    },
  });

  useEffect(() => {
    if (!draft) dropDraft(keyOf(dashboard.id));
    else writeDraft(keyOf(dashboard.id), { document: JSON.stringify(draft.document), version: String(draft.version) });
  }, [dashboard.id, draft]);

  const change = useCallback(
    (make: (document: DashboardDocument) => DashboardDocument) =>
      setDraft((present) => {
        const next = make(present?.document ?? saved);
        return JSON.stringify(next) === JSON.stringify(saved)
          ? undefined
          : { document: next, version: present?.version ?? dashboard.version };
      }),
    [saved, dashboard.version],
  );

  return {
    document,
    isDirty: draft !== undefined,
    wasKept: wasKept && draft !== undefined,
    change,
    save: () => saving.mutate({ version: draft?.version ?? dashboard.version }),
    isSaving: saving.isPending,
    error: saving.error,
    isConflict: saving.error instanceof ApiError && saving.error.status === 409,
    overwrite: () =>
      void client
        .fetchQuery({ ...dashboardQuery(dashboard.id), staleTime: 0 })
        .then((current) => saving.mutate({ version: current.version })),
    discard: () => {
      saving.reset();
      setDraft(undefined);
      setWasKept(false);
      void client.invalidateQueries({ queryKey: dashboardKeys.one(dashboard.id) });
    },
    dismissError: () => saving.reset(),
    follow: (changed) =>
      setDraft((present) =>
        present && present.version === changed.version - 1 ? { ...present, version: changed.version } : present,
      ),
  };
}
