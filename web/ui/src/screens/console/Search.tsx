import { Camera as CameraIcon, CornerDownLeft, MapPin, Siren, Terminal, Truck } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { places } from '../../api/endpoints';
import type { Place } from '../../api/types';
import { useFeed, useRows } from '../../feed';
import { either, named, useLanguage, useText } from '../../i18n';
import { Key, useAllCommands } from '../../keys';
import { useConsoleText, type ConsoleKey } from './messages';
import { matches } from '../../app/match';
import { consoleState, select } from './state';

interface Hit {
  id: string;
  group: ConsoleKey;
  icon: ReactNode;
  text: string;
  hint: ReactNode;
  run: () => void;
}

const MOST_EACH = 5;
const WAIT_MS = 120;

/** One box for places, units, incidents, cameras and commands; arrows choose, Enter opens, Esc leaves. */
export function Search({ center }: { center: () => [number, number] | null }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const feed = useFeed();
  const units = useRows(feed.units);
  const incidents = useRows(feed.incidents);
  const cameras = useRows(feed.cameras);
  const commands = useAllCommands();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<Place[]>([]);
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const leave = () => consoleState.set({ searching: false });
  const wanted = query.trim();

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    input.current?.focus();
    return () => before?.focus?.();
  }, []);

  useEffect(() => {
    setAt(0);
    if (!wanted) {
      setFound([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      places
        .search(wanted, center(), MOST_EACH + 3, abort.signal)
        .then(setFound)
        .catch((error: unknown) => !abort.signal.aborted && console.warn('places', error));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // `center` is where the map is when the question is asked.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted]);

  const hits = useMemo<Hit[]>(() => {
    if (!wanted) return [];
    const of = <R,>(rows: readonly R[], texts: (row: R) => (string | null | undefined)[], make: (row: R) => Hit): Hit[] =>
      rows
        .filter((row) => matches(wanted, texts(row)))
        .slice(0, MOST_EACH)
        .map(make);
    return [
      ...of(
        incidents,
        (row) => [`#${row.id}`, row.title, row.title_en, row.place],
        (row) => ({
          id: `incident ${row.id}`,
          group: 'search.incidents',
          icon: <Siren size={15} aria-hidden />,
          text: `#${row.id} ${either(language, row.title, row.title_en)}`,
          hint: shared(`incident_state.${row.state}`),
          run: () => select({ kind: 'incident', id: row.id }),
        }),
      ),
      ...of(
        units,
        (row) => [row.code, row.code.replace('-', ''), row.name, row.name_en],
        (row) => ({
          id: `unit ${row.id}`,
          group: 'search.units',
          icon: <Truck size={15} aria-hidden />,
          text: `${row.code} ${named(language, row)}`,
          hint: shared(`unit_status.${row.status}`),
          run: () => select({ kind: 'unit', id: row.id }),
        }),
      ),
      ...of(
        cameras,
        (row) => [row.code, row.name, row.name_en],
        (row) => ({
          id: `camera ${row.id}`,
          group: 'search.cameras',
          icon: <CameraIcon size={15} aria-hidden />,
          text: named(language, row),
          hint: row.code,
          run: () => select({ kind: 'camera', id: row.id }),
        }),
      ),
      ...found.map(
        (place): Hit => ({
          id: `place ${place.id}`,
          group: 'search.places',
          icon: <MapPin size={15} aria-hidden />,
          text: named(language, place),
          hint: (language === 'en' ? place.name : place.name_en) ?? null,
          run: () => select({ kind: 'place', place }),
        }),
      ),
      ...of(
        commands.filter((command) => command.enabled !== false && command.keys.length === 1),
        (row) => [row.label],
        (row) => ({
          id: `command ${row.id}`,
          group: 'search.commands',
          icon: <Terminal size={15} aria-hidden />,
          text: row.label,
          hint: <Key name={row.keys[0] ?? ''} />,
          run: () => row.run(row.keys[0] ?? ''),
        }),
      ),
    ];
  }, [wanted, incidents, units, cameras, found, commands, language, shared]);

  const run = (hit: Hit | undefined) => {
    if (!hit) return;
    leave();
    hit.run();
  };
  const chosen = Math.min(at, hits.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  let group: ConsoleKey | null = null;
  return (
    <div className="search-scrim" onPointerDown={(event) => event.target === event.currentTarget && leave()}>
      <div className="search" role="dialog" aria-modal aria-label={shared('action.search')}>
        <input
          ref={input}
          className="input"
          role="combobox"
          aria-expanded={hits.length > 0}
          aria-controls="search-hits"
          aria-activedescendant={hits[chosen] ? `hit-${chosen}` : undefined}
          placeholder={t('search.placeholder')}
          value={query}
          maxLength={100}
          spellCheck={false}
          data-testid="search"
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'ArrowDown') setAt(Math.min(hits.length - 1, chosen + 1));
            else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
            else if (event.key === 'Enter') run(hits[chosen]);
            else if (event.key === 'Escape') leave();
            else return;
            event.preventDefault();
          }}
        />
        <div id="search-hits" ref={list} className="search-hits" role="listbox">
          {hits.map((hit, i) => {
            const first = hit.group !== group;
            group = hit.group;
            return (
              <div key={hit.id}>
                {first && <div className="caption muted">{t(hit.group)}</div>}
                <div id={`hit-${i}`} role="option" aria-selected={i === chosen} className="search-hit" onPointerMove={() => setAt(i)} onClick={() => run(hit)}>
                  {hit.icon}
                  <span className="grow ellipsis">{hit.text}</span>
                  <span className="muted ellipsis">{hit.hint}</span>
                  {i === chosen && <CornerDownLeft size={13} aria-hidden />}
                </div>
              </div>
            );
          })}
          {hits.length === 0 && <p className="muted search-empty">{wanted ? t('search.none', { q: wanted }) : t('search.hint')}</p>}
        </div>
      </div>
    </div>
  );
}
