// What is not saved yet: it is told, leaving asks, and a conflict with somebody else's change has two ways out.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { Dashboard } from '@/api/dashboards';
import { Dialog } from '@/components/form';
import { useMessages } from '@/i18n';
import type { Editor } from './editor';
import { exportDashboard } from './file';

interface UnsavedProps {
  editor: Editor;
  dashboard: Dashboard;
  onDiscarded: () => void;
}

export function Unsaved({ editor, dashboard, onDiscarded }: UnsavedProps) {
  const { common, dashboards } = useMessages();
  const leaving = useBlocker({
    // Another range on the same dashboard loses nothing.
    shouldBlockFn: ({ current, next }) => editor.isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => editor.isDirty,
    withResolver: true,
  });
  const exported = { name: dashboard.name, description: dashboard.description, document: editor.document };
  const discard = () => {
    editor.discard();
    onDiscarded();
  };
  return (
    <>
      {editor.isDirty && (
        <Alert mb="sm" p="xs">
          <Group justify="space-between">
            <Text size="sm">{editor.wasKept ? common.draftKept : dashboards.unsaved}</Text>
            <Button size="compact-sm" variant="default" onClick={discard}>
              {common.discard}
            </Button>
          </Group>
        </Alert>
      )}
      {editor.error && !editor.isConflict && (
        <Alert
          mb="sm"
          color="red"
          role="alert"
          withCloseButton
          closeButtonLabel={common.close}
          onClose={editor.dismissError}
        >
          {editor.error.message}
        </Alert>
      )}
      <Dialog title={dashboards.conflict} opened={editor.isConflict} onClose={editor.dismissError}>
        <Stack>
          <Text>{dashboards.conflictText}</Text>
          <Button variant="default" onClick={() => exportDashboard(exported)}>
            {dashboards.exportMine}
          </Button>
          <Button variant="default" onClick={discard}>
            {dashboards.takeTheirs}
          </Button>
          <Button color="red" onClick={editor.overwrite} loading={editor.isSaving}>
            {dashboards.overwrite}
          </Button>
        </Stack>
      </Dialog>
      <Dialog title={dashboards.leave} opened={leaving.status === 'blocked'} onClose={() => leaving.reset?.()}>
        <Stack>
          <Text>{dashboards.leaveText}</Text>
          <Group justify="flex-end">
            <Button
              variant="default"
              onClick={() => {
                editor.discard();
                leaving.proceed?.();
              }}
            >
              {dashboards.leaveDiscarding}
            </Button>
            <Button variant="default" onClick={() => leaving.proceed?.()}>
              {dashboards.leaveKeeping}
            </Button>
            <Button data-autofocus onClick={() => leaving.reset?.()}>
              {dashboards.stay}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
