// The view of a dashboard: what its address says, and else what its document does.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { DashboardDocument, Range } from './document';
import { rangeOf } from './range';
import { parameter, variablePrefix, type ViewSearch } from './view-search';

export interface View {
  range: Range;
  refresh_s: number | null;
  /** Of each variable of the document. */
  variables: Record<string, string>;
  isWall: boolean;
  setRange: (range: Range) => void;
  setRefresh: (refresh_s: number | null) => void;
  setVariable: (name: string, value: string) => void;
  setWall: (isWall: boolean) => void;
}

export function refreshOf(given: unknown, otherwise: number | null): number | null {
  if (given === 'off') return null;
  return typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= 86_400 ? given : otherwise;
}

export function useView(document: DashboardDocument): View {
  const search = useSearch({ from: '/dashboards/$dashboard' });
  const navigate = useNavigate({ from: '/dashboards/$dashboard' });
  return useMemo(() => {
    const set = (change: ViewSearch) =>
      void navigate({ search: (present: ViewSearch) => ({ ...present, ...change }), replace: true });
    return {
      range: rangeOf(search.last, search.from, search.to) ?? document.range,
      refresh_s: refreshOf(search.refresh, document.refresh_s),
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
      setRefresh: (refresh_s) => set({ refresh: refresh_s ?? 'off' }),
      setVariable: (name, value) => set({ [variablePrefix + name]: parameter(value) }),
      setWall: (isWall) => set({ wall: isWall ? 1 : undefined }),
    };
  }, [search, navigate, document]);
}
