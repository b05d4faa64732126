import { TextLink } from '@/components/links';
import { Page } from '@/components/page';
import { useMessages } from '@/i18n';

export function NotFound() {
  const { common } = useMessages();
  return (
    <Page title={common.notFound}>
      <TextLink to="/devices">{common.home}</TextLink>
    </Page>
  );
}
