import { Component, type ErrorInfo, type ReactNode } from 'react';
import { textNow } from '../i18n';

/** Stops a broken page from leaving an empty window: says so and offers a reload. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    const t = textNow();
    return (
      <main className="center" role="alert">
        <div className="empty">
          <strong>{t('app.crashed')}</strong>
          <code>{this.state.error.message}</code>
          <button type="button" className="button primary" onClick={() => location.reload()}>
            {t('app.reload')}
          </button>
        </div>
      </main>
    );
  }
}
