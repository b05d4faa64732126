// The pages and their addresses. Each page is a file of its own that is fetched when it is first needed.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { LoadError } from '@/components/states';
import { viewSearch } from '@/pages/dashboards/view-search';
import { NotFound } from './not-found';
import { Shell } from './shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** An id in the address' search part; the router reads what looks like a number as one. */
const idOf = (search: Record<string, unknown>, name: string) =>
  /^[0-9]+$/.test(String(search[name])) ? { [name]: String(search[name]) } : {};

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/devices', replace: true });
  },
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: lazyRouteComponent(() => import('@/pages/devices/devices-page'), 'DevicesPage'),
});

const device = createRoute({
  getParentRoute: () => root,
  path: '/devices/$device',
  component: lazyRouteComponent(() => import('@/pages/devices/device-page'), 'DevicePage'),
});

const sensor = createRoute({
  getParentRoute: () => root,
  path: '/devices/$device/sensors/$sensor',
  component: lazyRouteComponent(() => import('@/pages/sensors/sensor-page'), 'SensorPage'),
});

const consumers = createRoute({
  getParentRoute: () => root,
  path: '/consumers',
  component: lazyRouteComponent(() => import('@/pages/consumers/consumers-page'), 'ConsumersPage'),
});

const consumer = createRoute({
  getParentRoute: () => root,
  path: '/consumers/$consumer',
  component: lazyRouteComponent(() => import('@/pages/consumers/consumer-page'), 'ConsumerPage'),
});

const connect = createRoute({
  getParentRoute: () => root,
  path: '/connect',
  validateSearch: (search: Record<string, unknown>): { device?: string; sensor?: string } => ({
    ...idOf(search, 'device'),
    ...idOf(search, 'sensor'),
  }),
  component: lazyRouteComponent(() => import('@/pages/connect/connect-page'), 'ConnectPage'),
});

const dashboards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('@/pages/dashboards/dashboards-page'), 'DashboardsPage'),
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/dashboards/$dashboard',
  validateSearch: viewSearch,
  component: lazyRouteComponent(() => import('@/pages/dashboards/dashboard-page'), 'DashboardPage'),
});

const explore = createRoute({
  getParentRoute: () => root,
  path: '/explore',
  component: lazyRouteComponent(() => import('@/pages/explore/explore-page'), 'ExplorePage'),
});

const operations = createRoute({
  getParentRoute: () => root,
  path: '/operations',
  component: lazyRouteComponent(() => import('@/pages/operations/operations-page'), 'OperationsPage'),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  component: lazyRouteComponent(() => import('@/pages/jobs/jobs-page'), 'JobsPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  component: lazyRouteComponent(() => import('@/pages/users/users-page'), 'UsersPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('@/pages/users/account-page'), 'AccountPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('@/pages/audit/audit-page'), 'AuditPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    devices,
    device,
    sensor,
    consumers,
    consumer,
    connect,
    dashboards,
    dashboard,
    explore,
    operations,
    jobs,
    users,
    account,
    audit,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => <LoadError error={error} onRetry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
