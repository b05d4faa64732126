// An editor for JSON and SQL with completion (CodeMirror). Fetched when the page is opened; its styles have the page's nonce.
import { autocompletion, closeBrackets, completeFromList, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonLanguage } from '@codemirror/lang-json';
import { sql, StandardSQL } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { nonce } from '@/app/nonce';
import type { Language } from './request';

/** Of every index. */
const columns = ['timestamp', 'device_id', 'sensor_id', 'value'];

/** What queries are made of, as docs/queries.md lists it. */
const words = [
  ...['query', 'size', 'from', 'sort', 'aggs', '_source', 'track_total_hits', 'search_after', 'docvalue_fields'],
  ...['match_all', 'term', 'terms', 'range', 'exists', 'ids', 'prefix', 'wildcard', 'bool', 'must', 'should', 'filter'],
  ...['must_not', 'constant_score', 'query_string', 'geo_bounding_box', 'geo_distance', 'gte', 'gt', 'lte', 'lt'],
  ...['date_histogram', 'fixed_interval', 'calendar_interval', 'time_zone', 'min_doc_count', 'histogram', 'interval'],
  ...['field', 'avg', 'min', 'max', 'sum', 'stats', 'extended_stats', 'percentiles', 'cardinality', 'value_count'],
  ...['top_hits', 'top_metrics', 'derivative', 'cumulative_sum', 'moving_fn', 'bucket_script', 'buckets_path'],
  ...['desc', 'asc'],
  ...columns,
];

const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: 'light-dark(#0b5c8a, #74c0fc)' },
  { tag: tags.string, color: 'light-dark(#2b6a30, #8ce99a)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'light-dark(#9c3d00, #ffc078)' },
  { tag: tags.keyword, color: 'light-dark(#5f3dc4, #b197fc)' },
  { tag: tags.comment, color: 'light-dark(#5c636a, #a6adb4)' },
]);

const looks = EditorView.theme({
  '&': {
    border: '1px solid light-dark(#868e96, #828282)',
    borderRadius: 'var(--mantine-radius-sm)',
    fontSize: '0.875rem',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', minHeight: '10rem', maxHeight: '24rem' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--quiet)', border: 'none' },
  '.cm-tooltip': { backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)' },
});

interface CodeEditorProps {
  language: Language;
  text: string;
  onChange: (text: string) => void;
  /** Control and Enter. */
  onRun: () => void;
  label: string;
}

export function CodeEditor({ language, text, onChange, onRun, label }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // The editor calls the newest functions, and is not made anew for them.
  const present = useRef({ text, onChange, onRun });
  useEffect(() => {
    present.current = { text, onChange, onRun };
  });

  useEffect(() => {
    if (!place.current) return undefined;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: present.current.text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (present.current.onRun(), true) }])),
          // Tab leaves the editor: whoever has no mouse must get out.
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          history(),
          lineNumbers(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          language === 'sql'
            ? sql({ dialect: StandardSQL, upperCaseKeywords: true, schema: { readings: columns } })
            : [json(), jsonLanguage.data.of({ autocomplete: completeFromList(words) })],
          syntaxHighlighting(colors),
          looks,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) present.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [language, label]);

  // What was chosen from the history.
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== text) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    }
  }, [text]);

  return <div ref={place} />;
}
