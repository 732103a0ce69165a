import './ui/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from './lib/api';
import { refetchWhenBack } from './lib/heal';
import { reloadWhenOutdated } from './lib/outdated';
import { queryClient } from './lib/query';
import { sessionQuery } from './lib/session';
import { router } from './router';

reloadWhenOutdated();
refetchWhenBack(queryClient);

// The session ended elsewhere: the route's guard sends to the sign-in page and back here afterwards.
whenSignedOut(() => {
  if (!queryClient.getQueryData(sessionQuery.queryKey)) return;
  queryClient.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
