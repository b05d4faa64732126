import { useCallback, useEffect, useState } from 'react';

/** The time for which the panels ask: a new one every so many seconds while the page can be seen, and on demand. */
export function useTick(refresh_s: number | null): [number, () => void] {
  const [now, setNow] = useState(() => Date.now());
  const tick = useCallback(() => setNow(Date.now()), []);
  useEffect(() => {
    if (refresh_s === null) return undefined;
    const ask = () => {
      if (document.visibilityState === 'visible') tick();
    };
    const timer = window.setInterval(ask, refresh_s * 1_000);
    document.addEventListener('visibilitychange', ask);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [refresh_s, tick]);
  return [now, tick];
}
