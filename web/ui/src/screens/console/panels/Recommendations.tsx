import { Truck } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { incidents } from '../../../api/endpoints';
import type { Incident, Recommendation, Unit } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { useFeed, useRows } from '../../../feed';
import { named, useLanguage } from '../../../i18n';
import { age, distance } from '../../../i18n/format';
import { Key, useCommands } from '../../../keys';
import { useTheme } from '../../../app/theme';
import { unitSymbol } from '../../../map/features';
import { PALETTES } from '../../../map/palette';
import { symbolUrl } from '../../../map/symbols';
import type { Actions } from '../actions';
import { useFetched } from '../../../app/fetched';
import { useConsoleText } from '../messages';
import { consoleState, pendingRow } from '../state';

/** Vehicles move: the times are asked for anew this often. */
const REFRESH_MS = 15_000;
const FIRST_SHOWN = 5;
const MOST_KEYS = 9;

/** Units by the time they need over the road, with the reason; Enter sends the first, 1 to 9 any. */
export function Recommendations({ incident, busyUnits, actions }: { incident: Incident; busyUnits: number; actions: Actions }) {
  const t = useConsoleText();
  const feed = useFeed();
  const units = useRows(feed.units);
  const [turn, setTurn] = useState(0);
  const [all, setAll] = useState(false);
  const [sending, setSending] = useState<number | null>(null);
  const sent = useRef(new Set<number>());
  // Anew when a unit's status changes, when this incident gains or loses one, and every few seconds.
  const statuses = useMemo(() => units.map((unit) => `${unit.id}${unit.status}`).sort().join(), [units]);
  const { data, error } = useFetched(incident.id, (id, signal) => incidents.recommendations(id, signal), `${turn} ${busyUnits} ${statuses} ${incident.type}`);
  const pending = consoleState.use((state) => pendingRow(state) !== null);

  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => () => consoleState.set({ route: null }), [incident.id]);

  // A unit that has been sent meanwhile leaves the list at once, before the next answer comes.
  const offered = (data ?? []).filter((row) => {
    const unit = feed.units.get(row.unit_id);
    return unit && unit.incident_id !== incident.id;
  });
  const shown = all ? offered : offered.slice(0, FIRST_SHOWN);
  const first = offered.find((row) => row.recommended);

  const send = async (row: Recommendation | undefined) => {
    const unit = row && feed.units.get(row.unit_id);
    if (!unit || sent.current.has(unit.id)) return;
    sent.current.add(unit.id);
    setSending(unit.id);
    consoleState.set({ route: null });
    await actions.dispatch(incident, unit.id, unit.code);
    sent.current.delete(unit.id);
    setSending(null);
  };

  useCommands([
    { id: 'incident.send', keys: ['Enter'], group: 'incident', label: t('key.send_first'), run: () => void send(first), enabled: first !== undefined && !pending },
    {
      id: 'incident.send-nth',
      keys: Array.from({ length: MOST_KEYS }, (_, i) => String(i + 1)),
      group: 'incident',
      label: t('key.send_nth'),
      shown: '1 – 9',
      run: (key) => void send(shown[Number(key) - 1]),
      enabled: shown.length > 0,
    },
  ]);

  return (
    <section>
      <h3>{t('incident.suggest')}</h3>
      {error !== null && <ErrorNotice error={error} thing={`#${incident.id}`} onRetry={() => setTurn((before) => before + 1)} />}
      {data && offered.length === 0 && (
        <p className="muted">
          {t('incident.no_suggest')}。{t('incident.no_suggest_hint')}
        </p>
      )}
      <ol className="suggest">
        {shown.map((row, i) => {
          const unit = feed.units.get(row.unit_id);
          return unit && <Row key={row.unit_id} row={row} unit={unit} place={i + 1} best={row === first} busy={sending === unit.id} onSend={() => void send(row)} />;
        })}
      </ol>
      {!all && offered.length > FIRST_SHOWN && (
        <button type="button" className="button quiet small" onClick={() => setAll(true)}>
          {t('incident.more', { n: offered.length - FIRST_SHOWN })}
        </button>
      )}
    </section>
  );
}

interface RowProps {
  row: Recommendation;
  unit: Unit;
  place: number;
  best: boolean;
  busy: boolean;
  onSend: () => void;
}

function Row({ row, unit, place, best, busy, onSend }: RowProps) {
  const t = useConsoleText();
  const language = useLanguage();
  const theme = useTheme();
  const symbol = useMemo(() => symbolUrl(unitSymbol(unit, false), { palette: PALETTES[theme], language }), [unit, theme, language]);
  const look = () => consoleState.set({ route: row.route });
  const leave = () => consoleState.set({ route: null });
  return (
    <li className="suggest-row" data-testid="recommendation-row" data-unit-id={unit.id} data-best={best || undefined} onMouseEnter={look} onMouseLeave={leave} onFocus={look} onBlur={leave}>
      {symbol ? <img src={symbol} alt="" width={26} height={26} /> : <Truck size={20} aria-hidden />}
      <div className="grow">
        <p className="suggest-head">
          <b>{unit.code}</b>
          <span className="muted ellipsis">{named(language, unit)}</span>
        </p>
        <p className="muted suggest-why">{language === 'en' ? row.why_en : row.why}</p>
      </div>
      <div className="suggest-eta">
        <b>{age(row.eta_s)}</b>
        <span className="muted">{distance(row.distance_m)}</span>
      </div>
      <button type="button" className={best ? 'button primary small' : 'button small'} data-testid="dispatch" disabled={busy} title={t('incident.send_unit', { unit: unit.code })} onClick={onSend}>
        {t('incident.send')}
        <Key name={best ? 'Enter' : String(place)} />
      </button>
    </li>
  );
}
