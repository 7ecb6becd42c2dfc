/** The feed for React: `<FeedProvider>` once per screen, `useRows(feed.alarms)` wherever rows are shown. */
import { createContext, useCallback, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { useSession } from '../app/session';
import type { Collection, Row } from './collection';
import { FeedConnection, type Connection } from './connection';
import { FeedStore } from './store';

interface Feed {
  store: FeedStore;
  connection: FeedConnection;
}

const Context = createContext<Feed | null>(null);

export function FeedProvider({ children }: { children: ReactNode }) {
  const { user } = useSession();
  const roles = user.roles.join();
  const feed = useMemo<Feed>(() => {
    const store = new FeedStore();
    return { store, connection: new FeedConnection(store, roles.split(',') as typeof user.roles) };
  }, [roles, user.id]);
  useEffect(() => {
    feed.connection.start();
    return () => feed.connection.stop();
  }, [feed]);
  return <Context.Provider value={feed}>{children}</Context.Provider>;
}

function useContextFeed(): Feed {
  const feed = useContext(Context);
  if (!feed) throw new Error('useFeed is only for what stands inside a FeedProvider');
  return feed;
}

export function useFeed(): FeedStore {
  return useContextFeed().store;
}

/** Fetches all lists again; offered after a conflict. */
export function useReload(): () => Promise<void> {
  return useContextFeed().connection.reload;
}

export function useConnection(): Connection {
  const { connection } = useContextFeed();
  return useSyncExternalStore(connection.subscribe, connection.get);
}

/** All rows; renders again when any of them changes. */
export function useRows<T extends Row>(collection: Collection<T>): readonly T[] {
  const subscribe = useCallback((listener: () => void) => collection.subscribe(listener), [collection]);
  return useSyncExternalStore(subscribe, () => collection.all());
}

/** One row, or undefined while (or after) it is not known; renders again only when it changes. */
export function useRow<T extends Row>(collection: Collection<T>, id: number | null | undefined): T | undefined {
  const subscribe = useCallback((listener: () => void) => collection.subscribe(listener), [collection]);
  return useSyncExternalStore(subscribe, () => (id === null || id === undefined ? undefined : collection.get(id)));
}
