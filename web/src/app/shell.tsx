// What is around every page: navigation, language, colours, who is signed in.
import {
  AppShell,
  Box,
  Burger,
  Button,
  Group,
  Menu,
  NavLink,
  Skeleton,
  Space,
  Stack,
  Text,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconAntenna,
  IconApi,
  IconChartLine,
  IconCheck,
  IconCpu,
  IconHistory,
  IconLayoutDashboard,
  IconPlugConnected,
  IconTerminal2,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, type ComponentType, type ReactNode } from 'react';
import { sessionQuery, signOut, type Session } from '@/api/session';
import { dropDrafts } from '@/components/draft';
import { LoadError } from '@/components/states';
import { languages, useI18n, type Language } from '@/i18n';
import type { Messages } from '@/i18n/en';
import { SessionGuard, SignInPage } from './sign-in';

interface Place {
  to: string;
  page: keyof Messages['common']['pages'];
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  adminOnly?: boolean;
}

const places: Place[] = [
  { to: '/devices', page: 'devices', icon: IconCpu },
  { to: '/consumers', page: 'consumers', icon: IconAntenna },
  { to: '/dashboards', page: 'dashboards', icon: IconLayoutDashboard },
  { to: '/explore', page: 'explore', icon: IconTerminal2 },
  { to: '/connect', page: 'connect', icon: IconPlugConnected },
  { to: '/operations', page: 'operations', icon: IconActivity, adminOnly: true },
  { to: '/jobs', page: 'jobs', icon: IconChartLine },
  { to: '/users', page: 'users', icon: IconUsers, adminOnly: true },
  { to: '/audit', page: 'audit', icon: IconHistory, adminOnly: true },
];

function Navigation({ session, onChosen }: { session: Session; onChosen: () => void }) {
  const { messages } = useI18n();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <AppShell.Navbar p="xs" aria-label={messages.common.navigation}>
      <AppShell.Section grow>
        {places
          .filter((place) => !place.adminOnly || session.role === 'admin')
          .map(({ to, page, icon: Icon }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={messages.common.pages[page]}
              leftSection={<Icon size={18} aria-hidden />}
              active={path === to || path.startsWith(`${to}/`)}
              aria-current={path === to ? 'page' : undefined}
              onClick={onChosen}
            />
          ))}
      </AppShell.Section>
      <AppShell.Section>
        <NavLink
          component="a"
          href="/api/docs"
          label={messages.common.pages.api}
          leftSection={<IconApi size={18} aria-hidden />}
        />
      </AppShell.Section>
    </AppShell.Navbar>
  );
}

/** A mark, or room for it. */
function Chosen({ isChosen }: { isChosen: boolean }) {
  return isChosen ? <IconCheck size={14} aria-hidden /> : <Space w={14} />;
}

function OwnMenu({ session }: { session: Session }) {
  const { messages, language, setLanguage } = useI18n();
  const { common } = messages;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const client = useQueryClient();
  const leave = async () => {
    await signOut();
    dropDrafts();
    client.clear();
    client.setQueryData(sessionQuery.queryKey, null);
  };
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button variant="subtle" leftSection={<IconUser size={18} aria-hidden />}>
          {session.name || session.username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{common.roles[session.role]}</Menu.Label>
        <Menu.Item component={Link} to="/account">
          {common.pages.account}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{common.language}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((each) => (
          <Menu.Item
            key={each}
            lang={each}
            aria-current={each === language}
            leftSection={<Chosen isChosen={each === language} />}
            onClick={() => setLanguage(each)}
          >
            {languages[each]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{common.colors}</Menu.Label>
        {(
          [
            ['light', common.light],
            ['dark', common.dark],
            ['auto', common.asSystem],
          ] as const
        ).map(([scheme, label]) => (
          <Menu.Item
            key={scheme}
            aria-current={scheme === colorScheme}
            leftSection={<Chosen isChosen={scheme === colorScheme} />}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>{common.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Frame({ session, children }: { session: Session; children: ReactNode }) {
  const { messages } = useI18n();
  const { common } = messages;
  const [isOpen, { toggle, close }] = useDisclosure();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    // A new page is read out from its heading, as a page that the browser loads would be.
    if (before.current !== path) main.current?.querySelector('h1')?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip" href="#content">
        {common.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={common.openNavigation} />
            <img src="/favicon.svg" alt="" width={26} height={26} />
            <Text fw={600}>{common.product}</Text>
          </Group>
          <OwnMenu session={session} />
        </Group>
      </AppShell.Header>
      <Navigation session={session} onChosen={close} />
      <AppShell.Main ref={main} id="content" tabIndex={-1}>
        {children}
      </AppShell.Main>
      <SessionGuard username={session.username} />
    </AppShell>
  );
}

export function Shell() {
  const { messages } = useI18n();
  const session = useQuery(sessionQuery);
  // A dashboard on a wall has nothing around it.
  const isWall = useRouterState({
    select: ({ location }) =>
      location.pathname.startsWith('/dashboards/') && (location.search as Record<string, unknown>).wall === 1,
  });
  if (session.isError) {
    return <LoadError error={session.error} onRetry={() => void session.refetch()} />;
  }
  if (session.isPending) {
    return (
      <Stack p="md" aria-busy aria-label={messages.common.loading}>
        <Skeleton h={36} />
        <Skeleton h={240} />
      </Stack>
    );
  }
  if (!session.data) return <SignInPage />;
  if (isWall) {
    return (
      <Box component="main" id="content" tabIndex={-1} p="xs">
        <Outlet />
        <SessionGuard username={session.data.username} />
      </Box>
    );
  }
  return (
    <Frame session={session.data}>
      <Outlet />
    </Frame>
  );
}
