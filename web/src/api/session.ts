// Who is signed in. The token is in a cookie that scripts cannot read.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, request, type User } from './client';

export type Session = User & { expires: string };

async function session(init?: RequestInit): Promise<Session> {
  const response = await request('/api/session', init);
  return ((await response.json()) as { result: Session }).result;
}

/** null: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await session();
    } catch (error) {
      if (error instanceof ApiError && error.isSignedOut) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export function signIn(username: string, password: string): Promise<Session> {
  return session({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
}

export async function signOut(): Promise<void> {
  await request('/api/session', { method: 'DELETE' });
}

/** The signed-in user; only below the shell, which is not shown without. */
export function useUser(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useUser() outside of the shell');
  return data;
}

/** Whether the user may change anything of its own. The server checks it again. */
export function useMayWrite(): boolean {
  return useUser().role !== 'read-only';
}
