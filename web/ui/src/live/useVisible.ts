import { useEffect, useState, type RefObject } from 'react';

const HIDDEN_PAGE_MS = 10_000;

/** True while any part of the element can be seen; a page in the background counts as hidden after ten seconds. */
export function useVisible(ref: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(false);
  const [pageShown, setPageShown] = useState(true);
  useEffect(() => {
    const node = ref.current;
    if (!node) return;
    const observer = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(node);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onPage = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setPageShown(true);
      else timer = setTimeout(() => setPageShown(false), HIDDEN_PAGE_MS);
    };
    document.addEventListener('visibilitychange', onPage);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onPage);
    };
  }, [ref]);
  return onScreen && pageShown;
}
