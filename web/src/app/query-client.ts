import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

/** Refusals stay refusals; a server that is away (restarted, say) is asked again, at most every five seconds. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        error instanceof ApiError && (error.status === 0 || error.status === 503) ? failures < 100 : false,
      retryDelay: (failures) => Math.min(5_000, 250 * 2 ** failures),
      staleTime: 2_000,
      // The platform is mostly on this very machine: that there is no way to the internet says nothing.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
