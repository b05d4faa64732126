import { Text } from '@mantine/core';
import type { Form } from '@/components/form';
import { SecretInput } from '@/components/secret-input';
import { useMessages } from '@/i18n';
import { strengthOf } from './strength';

interface PasswordFieldsProps<Values extends { password: string }> {
  form: Form<Values>;
  label: string;
  description?: string;
  required?: boolean;
}

/** A new password, with a word on how good it is. */
export function PasswordField<Values extends { password: string }>(props: PasswordFieldsProps<Values>) {
  const { form, ...looks } = props;
  return (
    <>
      <SecretInput
        {...looks}
        autoComplete="new-password"
        aria-describedby="password-strength"
        {...form.field('password')}
      />
      <Text id="password-strength" size="sm" className="quiet" role="status">
        <StrengthText password={form.values.password} />
      </Text>
    </>
  );
}

function StrengthText({ password }: { password: string }) {
  const { strength: texts } = useMessages().users;
  const strength = strengthOf(password);
  if (strength.level === 'none') return null;
  return strength.level === 'tooShort' ? texts.tooShort(strength.missing) : texts[strength.level];
}
