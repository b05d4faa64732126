// The view of a dashboard: what its address says, and else what its document does.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { DashboardDocument, Range } from './document';
import { rangeOf } from './range';
import { parameter, variablePrefix, type ViewSearch } from './view-search';

/** Every so many seconds, as readings come, or when one asks for it. */
export type Refresh = number | 'live' | null;

export interface View {
  range: Range;
  refresh: Refresh;
  /** Of each variable of the document. */
  variables: Record<string, string>;
  isWall: boolean;
  setRange: (range: Range) => void;
  setRefresh: (refresh: Refresh) => void;
  setVariable: (name: string, value: string) => void;
  setWall: (isWall: boolean) => void;
}

export function refreshOf(given: unknown, otherwise: Refresh): Refresh {
  if (given === 'off') return null;
  if (given === 'live') return 'live';
  return typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= 86_400 ? given : otherwise;
}

/** Who may not follow readings as they come asks for them every so many seconds. */
const instead_of_live_s = 2;

export function useView(document: DashboardDocument, mayFollow: boolean): View {
  const search = useSearch({ from: '/dashboards/$dashboard' });
  const navigate = useNavigate({ from: '/dashboards/$dashboard' });
  return useMemo(() => {
    const refresh = refreshOf(search.refresh, document.live ? 'live' : document.refresh_s);
    const set = (change: ViewSearch) =>
      void navigate({ search: (present: ViewSearch) => ({ ...present, ...change }), replace: true });
    return {
      range: rangeOf(search.last, search.from, search.to) ?? document.range,
      refresh: refresh === 'live' && !mayFollow ? instead_of_live_s : refresh,
      variables: Object.fromEntries(
        document.variables.map((variable) => [
          variable.name,
          String(search[variablePrefix + variable.name] ?? variable.default),
        ]),
      ),
      isWall: search.wall === 1,
      setRange: (range) =>
        'last' in range
          ? set({ last: range.last, from: undefined, to: undefined })
          : set({ last: undefined, from: range.from, to: range.to }),
      setRefresh: (refresh) => set({ refresh: refresh ?? 'off' }),
      setVariable: (name, value) => set({ [variablePrefix + name]: parameter(value) }),
      setWall: (isWall) => set({ wall: isWall ? 1 : undefined }),
    };
  }, [search, navigate, document, mayFollow]);
}

/** The document that opens with what is looked at now. */
export function keepView(document: DashboardDocument, { range, refresh }: View): DashboardDocument {
  return refresh === 'live'
    ? { ...document, range, live: true }
    : { ...document, range, live: false, refresh_s: refresh };
}
