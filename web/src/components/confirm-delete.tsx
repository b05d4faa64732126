import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import { Dialog } from './form';

interface ConfirmDeleteProps {
  title: string;
  /** What is written to confirm. */
  name: string;
  /** What will be lost. */
  children: ReactNode;
  opened: boolean;
  onClose: () => void;
  remove: () => Promise<unknown>;
  onRemoved: () => void;
  /** Of the button, where it is not deleting. */
  action?: string;
}

/** Asks before something is lost for good, and says what. */
export function ConfirmDelete(props: ConfirmDeleteProps) {
  return (
    <Dialog title={props.title} opened={props.opened} onClose={props.onClose}>
      <Confirmation {...props} />
    </Dialog>
  );
}

function Confirmation({ name, children, onClose, remove, onRemoved, action }: ConfirmDeleteProps) {
  const { common } = useMessages();
  const [written, setWritten] = useState('');
  const removing = useMutation({ mutationFn: remove, onSuccess: onRemoved });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written === name) removing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {removing.error && (
          <Alert color="red" role="alert">
            {removing.error.message}
          </Alert>
        )}
        <Text component="div">{children}</Text>
        <TextInput
          label={common.typeToDelete(name)}
          value={written}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setWritten(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" color="red" disabled={written !== name} loading={removing.isPending}>
            {action ?? common.delete}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
