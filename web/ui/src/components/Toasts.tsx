import { Check } from 'lucide-react';
import { ErrorNotice } from './ErrorNotice';
import { dismissToast, useToasts } from './toasts';

/** The corner where results of a step appear when the place they belong to is no longer on the screen. */
export function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" aria-live="polite">
      {toasts.map((toast) => {
        const dismiss = () => dismissToast(toast.id);
        if (toast.error === undefined) {
          return (
            <div key={toast.id} className="notice" role="status">
              <Check size={18} aria-hidden />
              <p>{toast.text}</p>
            </div>
          );
        }
        const reload = toast.onReload;
        return (
          <ErrorNotice
            key={toast.id}
            error={toast.error}
            thing={toast.thing}
            onReload={
              reload &&
              (() => {
                dismiss();
                reload();
              })
            }
            onDismiss={dismiss}
          />
        );
      })}
    </div>
  );
}
