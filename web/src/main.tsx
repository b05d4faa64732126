import './app/styles';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { sessionQuery } from './api/session';
import { Notices } from './app/notices';
import { nonce } from './app/nonce';
import { queryClient } from './app/query-client';
import { router } from './app/router';
import { theme } from './app/theme';
import { firstDictionary, I18n } from './i18n';

/** A task of its own, so that the browser can do other things before it. */
const later = <T,>(work: () => Promise<T>) =>
  new Promise<T>((resolve, reject) => {
    window.setTimeout(() => void work().then(resolve, reject));
  });

/** Rendered once all of it is there: until then one sees what is in index.html. What failed is told by the shell or the page. */
async function begin(element: HTMLElement): Promise<void> {
  const [first] = await Promise.all([
    firstDictionary(),
    queryClient.prefetchQuery(sessionQuery),
    later(() => router.load()),
  ]);
  // Piece by piece, for the same reason.
  startTransition(() =>
    createRoot(element).render(
      <StrictMode>
        <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
          <QueryClientProvider client={queryClient}>
            <I18n first={first}>
              <Notices>
                <RouterProvider router={router} />
              </Notices>
            </I18n>
          </QueryClientProvider>
        </MantineProvider>
      </StrictMode>,
    ),
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
void begin(root);
