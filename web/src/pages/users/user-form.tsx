import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, data, type Role, type User } from '@/api/client';
import { sessionQuery, useUser } from '@/api/session';
import { userKeys } from '@/api/users';
import { FormBody, useForm } from '@/components/form';
import { useMessages } from '@/i18n';
import { PasswordField } from './password-fields';
import { root_id } from './root';

interface UserFormProps {
  /** Missing: a new one. */
  user?: User;
  onSaved: (user: User) => void;
  onCancel: () => void;
}

const roles: Role[] = ['user', 'read-only', 'admin'];
const secret: 'password'[] = ['password'];

export function UserForm({ user, onSaved, onCancel }: UserFormProps) {
  const { common, users } = useMessages();
  const client = useQueryClient();
  const self = useUser();
  const form = useForm({
    draft: user ? `user.${user.id}` : 'user.new',
    initial: { name: user?.name ?? '', username: user?.username ?? '', role: user?.role ?? 'user', password: '' },
    secret,
    save: async ({ name, username, password, role: written }) => {
      const role = roles.find((each) => each === written) ?? 'user';
      const result = user
        ? await change(user, { name, username, role, password })
        : (await data(api.POST('/api/users', { body: { ...(name && { name }), username, password, role } }))).result;
      await client.invalidateQueries({ queryKey: userKeys.all });
      if (result.id === self.id) await client.invalidateQueries(sessionQuery);
      onSaved(result);
    },
  });
  const role = roles.find((each) => each === form.values.role) ?? 'user';
  return (
    <FormBody form={form} onCancel={onCancel} saveLabel={user ? common.save : common.add}>
      <TextInput label={common.name} maxLength={200} data-autofocus {...form.field('name')} />
      <TextInput label={common.username} required maxLength={200} autoComplete="off" {...form.field('username')} />
      <NativeSelect
        label={users.role}
        description={users.roleHint[role]}
        data={roles.map((each) => ({ value: each, label: common.roles[each] }))}
        disabled={user?.id === root_id}
        {...form.field('role')}
      />
      <PasswordField
        form={form}
        label={user ? users.newPassword : common.password}
        required={!user}
        {...(user && { description: users.newPasswordHint })}
      />
    </FormBody>
  );
}

type Values = Record<'name' | 'username' | 'password', string> & { role: Role };

/** Only what is another: a user name or role that is sent ends the user's sessions. */
async function change(user: User, { name, username, role, password }: Values): Promise<User> {
  const body = {
    ...(name !== user.name && { name }),
    ...(username !== user.username && { username }),
    ...(role !== user.role && { role }),
    ...(password && { password }),
  };
  return (await data(api.PATCH('/api/users/{user_id}', { params: { path: { user_id: user.id } }, body }))).result;
}
