import './app/styles';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Notices } from './app/notices';
import { nonce } from './app/nonce';
import { queryClient } from './app/query-client';
import { router } from './app/router';
import { theme } from './app/theme';
import { I18n } from './i18n';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queryClient}>
        <I18n>
          <Notices>
            <RouterProvider router={router} />
          </Notices>
        </I18n>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
