import {
  Alert,
  Button,
  Code,
  Group,
  NativeSelect,
  ScrollArea,
  SegmentedControl,
  Skeleton,
  Stack,
  Table,
  Tabs,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { request } from '@/api/client';
import { useUser } from '@/api/session';
import { formatCount, formatNumber, formatValue } from '@/base/format';
import { CopyBlock } from '@/components/copy';
import { readDraft, writeDraft } from '@/components/draft';
import { Page } from '@/components/page';
import { LoadingRows } from '@/components/states';
import { useI18n } from '@/i18n';
import { bodyOf, curlOf, firstQuestions, historyOf, pathOf, remember, type Question } from './request';
import { tableOfAnswer, type Table as Rows } from './rows';

const CodeEditor = lazy(() => import('./code-editor').then((module) => ({ default: module.CodeEditor })));

const draft = 'explore';
const rows_shown_max = 1_000;

function kept(): Question {
  const [question] = historyOf(JSON.stringify([readDraft(draft)]));
  return question ?? firstQuestions.search;
}

interface Answered {
  answer: unknown;
  /** With the way there and back. */
  took_ms: number;
}

async function ask(question: Question): Promise<Answered> {
  const start = performance.now();
  const response = await request(`/api/elasticsearch${pathOf(question)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: bodyOf(question),
  });
  const answer: unknown = await response.json();
  return { answer, took_ms: performance.now() - start };
}

/** Each user has a history of its own in this browser. */
function useHistory() {
  const key = `iotplatform.explore.${useUser().id}`;
  const [history, setHistory] = useState(() => {
    try {
      return historyOf(localStorage.getItem(key));
    } catch {
      return [];
    }
  });
  const add = (question: Question) => {
    const next = remember(history, question);
    setHistory(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Without a store the history lasts as long as the page.
    }
  };
  return { history, add };
}

export function ExplorePage() {
  const { messages, language } = useI18n();
  const { explore } = messages;
  const [question, setQuestion] = useState(kept);
  const { history, add } = useHistory();
  const asking = useMutation({ mutationFn: ask });
  useEffect(() => writeDraft(draft, { ...question }), [question]);
  const run = () => {
    add(question);
    asking.mutate(question);
  };
  const took = (asking.data?.answer as { took?: number } | undefined)?.took;
  return (
    <Page title={explore.title}>
      <Stack>
        <Group align="end">
          <SegmentedControl
            aria-label={explore.language}
            value={question.language}
            onChange={(value) => setQuestion(firstQuestions[value === 'sql' ? 'sql' : 'search'])}
            data={[
              { value: 'search', label: explore.search },
              { value: 'sql', label: 'SQL' },
            ]}
          />
          {question.language === 'search' && (
            <TextInput
              label={explore.index}
              description={explore.indexHint}
              value={question.index}
              onChange={(event) => setQuestion({ ...question, index: event.currentTarget.value })}
            />
          )}
          {history.length > 0 && (
            <NativeSelect
              label={explore.history}
              value=""
              maw="100%"
              onChange={(event) => {
                const chosen = history[Number(event.currentTarget.value)];
                if (chosen) setQuestion(chosen);
              }}
              data={[
                { value: '', label: explore.chooseHistory },
                ...history.map((each, at) => ({
                  value: String(at),
                  label: `${each.index} ${each.text}`.replace(/\s+/g, ' ').trim().slice(0, 70),
                })),
              ]}
            />
          )}
        </Group>
        <Suspense fallback={<Skeleton h={180} role="status" aria-busy aria-label={messages.common.loading} />}>
          <CodeEditor
            language={question.language}
            text={question.text}
            label={explore.query}
            onChange={(text) => setQuestion((present) => ({ ...present, text }))}
            onRun={run}
          />
        </Suspense>
        <Group>
          <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={run} loading={asking.isPending}>
            {explore.run}
          </Button>
          <Text size="sm" className="quiet">
            {explore.runHint}
          </Text>
        </Group>
        <CopyBlock text={curlOf(question, window.location.hostname)} what={explore.curl} />
        {asking.error && (
          <Alert color="red" role="alert" title={explore.refused}>
            {asking.error.message}
          </Alert>
        )}
        {asking.isPending && <LoadingRows />}
        {asking.data && (
          <>
            <Text role="status">
              {took === undefined
                ? explore.took(formatNumber(asking.data.took_ms, language, 3))
                : explore.tookOf(formatCount(took, language), formatNumber(asking.data.took_ms, language, 3))}
            </Text>
            <Answer answer={asking.data.answer} />
          </>
        )}
      </Stack>
    </Page>
  );
}

function Answer({ answer }: { answer: unknown }) {
  const { messages } = useI18n();
  const { explore } = messages;
  const table = tableOfAnswer(answer);
  return (
    <Tabs defaultValue={table ? 'table' : 'json'} keepMounted={false}>
      <Tabs.List>
        {table && <Tabs.Tab value="table">{explore.table}</Tabs.Tab>}
        <Tabs.Tab value="json">JSON</Tabs.Tab>
      </Tabs.List>
      {table && (
        <Tabs.Panel value="table" pt="xs">
          <AnswerTable table={table} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="json" pt="xs">
        <ScrollArea.Autosize mah={480} type="auto" viewportProps={{ tabIndex: 0, 'aria-label': 'JSON', role: 'group' }}>
          <Code block>{JSON.stringify(answer, undefined, 2)}</Code>
        </ScrollArea.Autosize>
      </Tabs.Panel>
    </Tabs>
  );
}

function AnswerTable({ table }: { table: Rows }) {
  const { messages, language } = useI18n();
  const { explore } = messages;
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={420} type="native" tabIndex={0} role="group" aria-label={explore.table}>
        <Table striped fz="sm" captionSide="top">
          <Table.Caption className="visually-hidden">{explore.table}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {table.columns.map((column) => (
                <Table.Th key={column} scope="col">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.rows.slice(0, rows_shown_max).map((row, at) => (
              <Table.Tr key={at}>
                {row.map((value, of) => (
                  <Table.Td key={of}>{formatValue(value, '', language)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {table.rows.length > rows_shown_max && (
        <Text size="sm" className="quiet">
          {explore.moreRows(rows_shown_max, table.rows.length)}
        </Text>
      )}
    </Stack>
  );
}
