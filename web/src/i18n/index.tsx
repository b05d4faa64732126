// The page's language: typed dictionaries, of which only the one in use is fetched.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Messages } from './en';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

const stored = 'iotplatform.language';

const load: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import('./en'),
  de: () => import('./de'),
};

/** What was chosen, else the first of the browser's languages that there is. */
export function preferredLanguage(chosen: string | null, ofBrowser: readonly string[]): Language {
  for (const each of [chosen ?? '', ...ofBrowser]) {
    const language = each.slice(0, 2);
    if (language in languages) return language as Language;
  }
  return 'en';
}

interface Translation {
  language: Language;
  messages: Messages;
  setLanguage: (language: Language) => void;
}

const Context = createContext<Translation | undefined>(undefined);

function readStored(): string | null {
  try {
    return localStorage.getItem(stored);
  } catch {
    return null;
  }
}

export interface Dictionary {
  language: Language;
  messages: Messages;
}

/** The dictionary that the page begins with. */
export async function firstDictionary(): Promise<Dictionary> {
  const language = preferredLanguage(readStored(), navigator.languages);
  return { language, messages: (await load[language]()).messages };
}

export function I18n({ first, children }: { first: Dictionary; children: ReactNode }) {
  const [language, choose] = useState(first.language);
  const [loaded, setLoaded] = useState(first);

  useEffect(() => {
    let current = true;
    void load[language]().then(({ messages }) => {
      if (!current) return;
      document.documentElement.lang = language;
      setLoaded((present) => (present.language === language ? present : { language, messages }));
    });
    return () => {
      current = false;
    };
  }, [language]);

  const value = useMemo(
    () => ({
      ...loaded,
      setLanguage: (chosen: Language) => {
        try {
          localStorage.setItem(stored, chosen);
        } catch {
          // Without a store the choice lasts as long as the page.
        }
        choose(chosen);
      },
    }),
    [loaded],
  );
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): Translation {
  const translation = useContext(Context);
  if (!translation) throw new Error('useI18n() outside of I18n');
  return translation;
}

export function useMessages(): Messages {
  return useI18n().messages;
}
