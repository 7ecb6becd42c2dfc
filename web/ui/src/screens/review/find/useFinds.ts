/** A search and its pages. */
import { useCallback, useRef, useState } from 'react';
import { search } from '../../../api/endpoints';
import type { SearchIn, SearchOrder, SearchPage } from '../../../api/types';
import { ofHit, type Item } from '../item';

type Ask = (before: string | null, order: SearchOrder) => SearchIn;
type Known = Pick<SearchPage, 'total' | 'exact' | 'next' | 'looked_from'>;

export interface Finds {
  items: Item[] | null;
  total: number;
  exact: boolean;
  more: boolean;
  busy: boolean;
  error: unknown;
  order: SearchOrder;
  /** The best are those of what is no older than this; null: of all. */
  lookedFrom: string | null;
  run: (ask: Ask) => void;
  /** The same search in another order. */
  reorder: (order: SearchOrder) => void;
  further: () => void;
  clear: () => void;
  dismiss: () => void;
}

export function useFinds(): Finds {
  const [items, setItems] = useState<Item[] | null>(null);
  const [page, setPage] = useState<Known>({ total: 0, exact: true, next: null, looked_from: null });
  const [order, setOrder] = useState<SearchOrder>('newest');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);
  const last = useRef<Ask | null>(null);

  const load = useCallback(async (body: SearchIn) => {
    const turn = ++asked.current;
    setBusy(true);
    setError(null);
    try {
      const found = await search.run(body);
      if (turn !== asked.current) return;
      const some = found.hits.map(ofHit);
      setItems((held) => (body.before && held ? [...held, ...unknownTo(held, some)] : some));
      // The total of a further page counts from there on.
      setPage((held) => ({ ...found, total: body.before ? held.total : found.total }));
    } catch (problem) {
      if (turn === asked.current) setError(problem);
    } finally {
      if (turn === asked.current) setBusy(false);
    }
  }, []);

  return {
    items,
    total: page.total,
    exact: page.exact,
    more: page.next !== null,
    busy,
    error,
    order,
    lookedFrom: page.looked_from,
    run: (ask) => {
      last.current = ask;
      void load(ask(null, order));
    },
    reorder: (next) => {
      setOrder(next);
      if (last.current && items !== null) void load(last.current(null, next));
    },
    further: () => {
      if (last.current && page.next) void load(last.current(page.next, order));
    },
    clear: () => {
      asked.current += 1;
      setItems(null);
      setBusy(false);
      setError(null);
    },
    dismiss: () => setError(null),
  };
}

/** What goes on while it is looked at can fit better than it did, and would stand on two pages. */
function unknownTo(held: readonly Item[], some: readonly Item[]): Item[] {
  const known = new Set(held.map((item) => item.key));
  return some.filter((item) => !known.has(item.key));
}
