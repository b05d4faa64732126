import { Alert, Button, Center, Modal, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { ApiError, onSignedOut } from '@/api/client';
import { sessionQuery, signIn } from '@/api/session';
import { SecretInput } from '@/components/secret-input';
import { useMessages } from '@/i18n';

function SignInForm({ username: fixed, onDone }: { username?: string | undefined; onDone?: () => void }) {
  const { common } = useMessages();
  const client = useQueryClient();
  const [username, setUsername] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const signing = useMutation({
    mutationFn: () => signIn(username, password),
    onSuccess: async (session) => {
      const before = client.getQueryData(sessionQuery.queryKey);
      // What another user had been shown is not for this one.
      if (before && before.id !== session.id) client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      onDone?.();
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {signing.error && (
          <Alert color="red" role="alert">
            {signing.error instanceof ApiError && signing.error.isSignedOut
              ? common.wrongPassword
              : signing.error.message || common.notReached}
          </Alert>
        )}
        <TextInput
          label={common.username}
          name="username"
          autoComplete="username"
          required
          data-autofocus
          readOnly={fixed !== undefined}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <SecretInput
          label={common.password}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={signing.isPending}>
          {common.signIn}
        </Button>
      </Stack>
    </form>
  );
}

/** Stands where a page would, at the page's address: after it one is where one wanted to go. */
export function SignInPage() {
  const { common } = useMessages();
  useEffect(() => {
    document.title = `${common.signIn} · ${common.product}`;
  }, [common]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder shadow="sm" p="xl" w="min(24rem, 100%)">
        <Title order={1} size="h3" mb="lg">
          {common.signInTitle}
        </Title>
        <SignInForm />
      </Paper>
    </Center>
  );
}

/** Over the page, when its session has ended: what was written into the page stays there. */
export function SessionGuard({ username }: { username: string }) {
  const { common } = useMessages();
  const [isOver, setOver] = useState(false);
  useEffect(() => onSignedOut(() => setOver(true)), []);
  return (
    <Modal.Root opened={isOver} onClose={() => undefined} closeOnClickOutside={false} closeOnEscape={false}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header {...{ component: 'div' }}>
          <Modal.Title>{common.signInTitle}</Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <Stack>
            <Text>{common.signInAgain}</Text>
            <SignInForm username={username} onDone={() => setOver(false)} />
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
