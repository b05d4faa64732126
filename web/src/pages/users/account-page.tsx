import { Alert, Paper, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type User } from '@/api/client';
import { sessionQuery, signIn, useMayWrite, useUser } from '@/api/session';
import { userKeys } from '@/api/users';
import { useTell } from '@/app/notices';
import { Facts } from '@/components/facts';
import { FormBody, useForm } from '@/components/form';
import { Page } from '@/components/page';
import { TimeText } from '@/components/time-text';
import { SecretInput } from '@/components/secret-input';
import { useMessages } from '@/i18n';
import { PasswordField } from './password-fields';

export function AccountPage() {
  const { common, users } = useMessages();
  const user = useUser();
  const mayWrite = useMayWrite();
  return (
    <Page title={common.pages.account}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Paper withBorder p="md">
          <Stack>
            <Facts
              rows={[
                { label: common.username, content: user.username },
                { label: users.role, content: common.roles[user.role] },
                { label: common.created, content: <TimeText time={user.created} /> },
                { label: users.sessionUntil, content: <TimeText time={user.expires} /> },
              ]}
            />
            {mayWrite ? <NameForm key={user.name} user={user} /> : <Alert>{common.readOnly}</Alert>}
            {mayWrite && user.role !== 'admin' && (
              <Text size="sm" className="quiet">
                {users.accountHint}
              </Text>
            )}
          </Stack>
        </Paper>
        {mayWrite && <PasswordCard user={user} />}
      </SimpleGrid>
    </Page>
  );
}

const change = (user: User, body: { name: string } | { password: string }) =>
  data(api.PATCH('/api/users/{user_id}', { params: { path: { user_id: user.id } }, body }));

function NameForm({ user }: { user: User }) {
  const { common, users } = useMessages();
  const client = useQueryClient();
  const tell = useTell();
  const form = useForm({
    draft: 'account.name',
    initial: { name: user.name },
    save: async ({ name }) => {
      const { result } = await change(user, { name });
      client.setQueryData(sessionQuery.queryKey, (present) => present && { ...present, ...result });
      await client.invalidateQueries({ queryKey: userKeys.all });
      tell(common.saved);
    },
  });
  return (
    <FormBody form={form}>
      <TextInput label={users.accountName} maxLength={200} autoComplete="name" {...form.field('name')} />
    </FormBody>
  );
}

/** Its form is made anew when the password has been changed. */
function PasswordCard({ user }: { user: User }) {
  const { users } = useMessages();
  const [changes, setChanges] = useState(0);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={2} size="h4">
          {users.ownPassword}
        </Title>
        <Text size="sm" className="quiet">
          {users.ownPasswordHint}
        </Text>
        <PasswordForm key={changes} user={user} onChanged={() => setChanges(changes + 1)} />
      </Stack>
    </Paper>
  );
}

const secret: ('password' | 'repeated')[] = ['password', 'repeated'];

function PasswordForm({ user, onChanged }: { user: User; onChanged: () => void }) {
  const { users } = useMessages();
  const client = useQueryClient();
  const tell = useTell();
  const form = useForm({
    draft: 'account.password',
    initial: { password: '', repeated: '' },
    secret,
    save: async ({ password, repeated }) => {
      if (password !== repeated) throw new Error(users.notTheSame);
      await change(user, { password });
      // All sessions have ended, this one too.
      client.setQueryData(sessionQuery.queryKey, await signIn(user.username, password));
      tell(users.passwordChanged);
      onChanged();
    },
  });
  const { password, repeated } = form.values;
  return (
    <FormBody form={form} saveLabel={users.changePassword}>
      {/* Password managers ask whose password it is. */}
      <input hidden readOnly autoComplete="username" value={user.username} />
      <PasswordField form={form} label={users.newPassword} required />
      <SecretInput
        label={users.repeatPassword}
        required
        autoComplete="new-password"
        {...form.field('repeated')}
        error={repeated !== '' && !password.startsWith(repeated) ? users.notTheSame : form.field('repeated').error}
      />
    </FormBody>
  );
}
