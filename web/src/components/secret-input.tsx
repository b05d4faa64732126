import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useMessages } from '@/i18n';

/** A password, which can be shown with the keyboard too, and whose fault is told to screen readers. */
export function SecretInput(props: PasswordInputProps) {
  const { common } = useMessages();
  return (
    <PasswordInput
      aria-invalid={Boolean(props.error)}
      visibilityToggleButtonProps={{ 'aria-label': common.show, tabIndex: 0 }}
      {...props}
    />
  );
}
