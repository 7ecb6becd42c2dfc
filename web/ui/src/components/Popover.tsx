import { useEffect, useRef, type ReactNode } from 'react';

interface Props {
  open: boolean;
  setOpen: (open: boolean) => void;
  button: ReactNode;
  label: string;
  children: ReactNode;
  /** Stands beside the menu, where clicks do not close it. */
  outside?: ReactNode;
  /** More of the button. */
  testid?: string;
  /** Clicks inside leave it open. */
  stays?: boolean;
}

/** A button with a menu under it, which Esc and a click elsewhere close. */
export function Popover({ open, setOpen, button, label, children, outside, testid, stays }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('keydown', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('keydown', leave);
    };
  }, [open, setOpen]);
  return (
    <div ref={box} className="user-menu">
      <button type="button" className="button quiet" aria-haspopup="menu" aria-expanded={open} aria-label={label} data-testid={testid} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open && (
        <div className="menu" style={{ right: 0, top: 38 }} role="group" onClick={() => !stays && setOpen(false)}>
          {children}
        </div>
      )}
      {outside}
    </div>
  );
}
