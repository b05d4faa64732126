// Forms: what is written is kept until it is saved or discarded, and the server's faults stand at the fields they are about.
import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { useMessages } from '@/i18n';
import { dropDraft, readDraft, writeDraft } from './draft';

type Texts = Record<string, string>;

export interface Form<Values extends Texts> {
  values: Values;
  isDirty: boolean;
  set: (name: keyof Values & string, value: string) => void;
  /** What an input of this name needs: value, onChange, and the server's fault with it. */
  field: (name: keyof Values & string) => {
    name: string;
    value: string;
    error: string | undefined;
    onChange: (event: { currentTarget: { value: string } }) => void;
  };
  /** Faults that belong to no field of the form. */
  otherFaults: string[];
  isSaving: boolean;
  /** When the save that was refused last began; undefined: none was, or another one has begun. */
  refusedAt: number | undefined;
  submit: (event?: FormEvent) => void;
  discard: () => void;
}

interface FormOptions<Values extends Texts> {
  /** Under which what is written is kept: of the thing and of what is done with it. */
  draft: string;
  initial: Values;
  save: (values: Values) => Promise<unknown>;
  onSaved?: () => void;
  /** Which field shows a fault that the server tells of another name: `mapping` at `type`, say. */
  fieldOf?: (field: string) => string;
  /** Never kept: passwords. */
  secret?: (keyof Values & string)[];
}

export function useForm<Values extends Texts>(options: FormOptions<Values>): Form<Values> {
  const { draft, initial, secret = [] } = options;
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...readDraft(draft) }));
  const isDirty = Object.keys(initial).some((name) => values[name] !== initial[name]);
  const saving = useMutation({
    mutationFn: () => options.save(values),
    onSuccess: () => {
      dropDraft(draft);
      options.onSaved?.();
    },
  });

  useEffect(() => {
    if (!isDirty || saving.isSuccess) return dropDraft(draft);
    writeDraft(draft, Object.fromEntries(Object.entries(values).filter(([name]) => !secret.includes(name))));
  }, [draft, values, isDirty, saving.isSuccess, secret]);

  const fieldOf = options.fieldOf ?? ((field: string) => field.replace(/^[0-9]+\./, ''));
  const faults =
    saving.error instanceof ApiError && saving.error.faults.length > 0
      ? saving.error.faults.map((fault) => ({ ...fault, field: fault.field && fieldOf(fault.field) }))
      : saving.error
        ? [{ message: saving.error.message, field: undefined }]
        : [];
  const set = (name: keyof Values & string, value: string) => setValues((present) => ({ ...present, [name]: value }));
  return {
    values,
    isDirty,
    set,
    field: (name) => ({
      name,
      value: values[name] ?? '',
      error: faults.find((fault) => fault.field === name)?.message,
      onChange: (event) => set(name, event.currentTarget.value),
    }),
    otherFaults: faults.filter((fault) => !fault.field || !(fault.field in values)).map((fault) => fault.message),
    isSaving: saving.isPending,
    refusedAt: saving.isError ? saving.submittedAt : undefined,
    submit: (event) => {
      event?.preventDefault();
      saving.mutate();
    },
    discard: () => {
      dropDraft(draft);
      saving.reset();
      setValues(initial);
    },
  };
}

interface FormBodyProps<Values extends Texts> {
  form: Form<Values>;
  saveLabel?: string;
  onCancel?: () => void;
  children: ReactNode;
}

export function FormBody<Values extends Texts>({ form, saveLabel, onCancel, children }: FormBodyProps<Values>) {
  const { common } = useMessages();
  const [wasKept] = useState(form.isDirty);
  const element = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (form.refusedAt === undefined) return;
    element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form.refusedAt]);
  return (
    <form ref={element} onSubmit={form.submit} noValidate>
      <Stack>
        {wasKept && form.isDirty && (
          <Alert>
            <Group justify="space-between">
              {common.draftKept}
              <Button size="compact-sm" variant="default" onClick={form.discard}>
                {common.discard}
              </Button>
            </Group>
          </Alert>
        )}
        {form.otherFaults.length > 0 && (
          <Alert color="red" role="alert">
            {form.otherFaults.map((fault) => (
              <div key={fault}>{fault}</div>
            ))}
          </Alert>
        )}
        {children}
        <Group justify="flex-end">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {common.cancel}
            </Button>
          )}
          <Button type="submit" loading={form.isSaving}>
            {saveLabel ?? common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface DialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  size?: string;
  children: ReactNode;
}

/** A dialog. Its content is made anew each time it opens. */
export function Dialog({ title, opened, onClose, size = 'md', children }: DialogProps) {
  const { common } = useMessages();
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} closeOnClickOutside={false}>
      <Modal.Overlay />
      <Modal.Content>
        {/* A <header> in a dialog would count as a second banner of the page. */}
        <Modal.Header {...{ component: 'div' }}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={common.close} />
        </Modal.Header>
        <Modal.Body>{opened && children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
