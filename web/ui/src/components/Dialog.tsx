import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useText } from '../i18n';
import { keepTab } from './keepTab';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** Makes the whole dialog one form, so that Enter in a field sends it. */
  onSubmit?: () => void;
}

/** A question that has to be answered first. Esc leaves it; focus stays inside and goes back where it was. */
export function Dialog({ title, onClose, children, footer, wide, onSubmit }: Props) {
  const t = useText();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const node = box.current;
    const first = node?.querySelector<HTMLElement>('[autofocus], [data-autofocus], .body :is(input, select, textarea, button)');
    (first ?? node)?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        event.preventDefault();
        close.current();
      } else if (node) keepTab(event, node);
    };
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('keydown', onKey, true);
      before?.focus?.();
    };
  }, []);

  const inner = (
    <>
      <header role="none">
        <h2 id={id}>{title}</h2>
        <button type="button" className="button quiet icon small" aria-label={t('action.close')} onClick={onClose}>
          <X size={18} aria-hidden />
        </button>
      </header>
      <div className="body">{children}</div>
      {footer && <footer role="none">{footer}</footer>}
    </>
  );
  return (
    <div className="scrim" onPointerDown={(event) => event.target === event.currentTarget && onClose()}>
      <div ref={box} className={`dialog${wide ? ' wide' : ''}`} role="dialog" aria-modal aria-labelledby={id} tabIndex={-1}>
        {onSubmit ? (
          <form
            style={{ display: 'contents' }}
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {inner}
          </form>
        ) : (
          inner
        )}
      </div>
    </div>
  );
}
