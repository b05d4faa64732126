import { Breadcrumbs, Group, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import { TextLink } from './links';
import { LoadError } from './states';

interface PageProps {
  title: string;
  /** Beside the title: the page's actions. */
  actions?: ReactNode;
  /** Where the page lies below. */
  above?: { to: string; label: string }[];
  children: ReactNode;
}

/** A page: its title in the tab and at the top, the way back, its actions. */
export function Page({ title, actions, above = [], children }: PageProps) {
  const { common } = useMessages();
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title, common]);
  return (
    <>
      {above.length > 0 && (
        <Breadcrumbs component="nav" mb="xs" separatorMargin="xs">
          {above.map((each) => (
            <TextLink key={each.to} to={each.to}>
              {each.label}
            </TextLink>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" mb="md">
        <Title order={1} size="h2" tabIndex={-1}>
          {title}
        </Title>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </>
  );
}

/** In the place of a page that cannot be shown. */
export function PageError({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { common } = useMessages();
  return (
    <Page title={common.failed}>
      <LoadError error={error} onRetry={onRetry} />
    </Page>
  );
}
