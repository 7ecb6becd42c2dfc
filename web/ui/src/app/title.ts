/** What the browser writes on the tab and a screen reader says first. */
import { useEffect } from 'react';
import { useText } from '../i18n';
import type { Screen } from './screens';

/** Names the page after its screen, in the language in force; `waiting`, e.g. `(3) `, stands before it. */
export function useTitle(screen: Screen['folder'], waiting = ''): void {
  const t = useText();
  const title = `${waiting}${t('app.name')} · ${t(`app.screen.${screen}`)}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
