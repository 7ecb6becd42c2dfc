import { CheckCheck } from 'lucide-react';
import type { Camera, LonLat } from '../../../api/types';
import { showError, showText } from '../../../components/toasts';
import { named, useText } from '../../../i18n';
import { RULES } from '../find/rules';
import { messages } from '../find/text';
import type { QueueState } from './useQueue';

interface Props {
  queue: QueueState;
  cameras: readonly Camera[];
  /** The area drawn on the map. */
  area: readonly LonLat[] | null;
}

const SHOWN = ['unseen', 'all', 'important', 'false'] as const;
const KINDS = ['person', 'vehicle', 'other', 'scene'] as const;

/** What of the queue is shown, and what is taken out of it at once. */
export function QueuePanel({ queue, cameras, area }: Props) {
  const t = messages.use();
  const shared = useText();
  const { filter, setFilter, unseen } = queue;
  const ruleName = (rule: string) => shared.maybe(`alarm_kind.${rule}`) ?? rule;
  const camera = cameras.find((each) => each.id === filter.camera_id);
  const left = (fits: (part: { camera_id: number; rule: string }) => boolean) => unseen?.parts.filter(fits).reduce((sum, part) => sum + part.count, 0) ?? 0;
  const all = (what: { camera_id: number | null; rule: string | null }) =>
    void queue.seeAll(what as Parameters<QueueState['seeAll']>[0]).then((n) => showText(t('queue.seen_done', { n })), showError);
  const batch = (label: string, count: number, what: { camera_id: number | null; rule: string | null }) => (
    <button type="button" className="button small" disabled={count === 0} onClick={() => all(what)} data-testid="seen-all">
      <CheckCheck size={14} aria-hidden />
      <span className="ellipsis">{label}</span>
      <span className="rv-count">{count}</span>
    </button>
  );
  const select = (label: string, value: string, options: readonly (readonly [string, string])[], onChange: (value: string) => void, testId: string) => (
    <label className="field">
      <span className="label">{label}</span>
      <select className="input" value={value} onChange={(event) => onChange(event.target.value)} data-testid={testId}>
        {options.map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="rv-filters">
      {select(t('queue.show'), filter.show, SHOWN.map((show) => [show, t(`queue.show.${show}`)] as const), (show) => setFilter({ ...filter, show: show as typeof filter.show }), 'queue-show')}
      {select(
        t('queue.camera'),
        String(filter.camera_id ?? ''),
        [['', t('queue.any_camera')], ...cameras.map((each) => [String(each.id), counted(named(t.language, each), left((part) => part.camera_id === each.id))] as const)],
        (id) => setFilter({ ...filter, camera_id: id === '' ? null : Number(id) }),
        'queue-camera',
      )}
      <div className="rv-pair">
        {select(
          t('queue.rule'),
          filter.rule ?? '',
          [['', t('queue.any')], ...RULES.map((rule) => [rule, counted(ruleName(rule), left((part) => part.rule === rule))] as const)],
          (rule) => setFilter({ ...filter, rule: rule || null }),
          'queue-rule',
        )}
        {select(
          t('queue.kind'),
          filter.kind ?? '',
          [['', t('queue.any')], ...KINDS.map((kind) => [kind, kind === 'scene' ? t('queue.kind.scene') : t(`kind.${kind}`)] as const)],
          (kind) => setFilter({ ...filter, kind: kind || null }),
          'queue-kind',
        )}
      </div>
      {area && (
        <label className="rv-check">
          <input type="checkbox" checked={filter.polygon !== null} onChange={(event) => setFilter({ ...filter, polygon: event.target.checked ? area : null })} />
          <span>{t('queue.area')}</span>
        </label>
      )}
      <div className="rv-row">
        {camera && batch(t('queue.seen_camera', { name: named(t.language, camera) }), left((part) => part.camera_id === camera.id), { camera_id: camera.id, rule: null })}
        {filter.rule && batch(t('queue.seen_rule', { rule: ruleName(filter.rule) }), left((part) => part.rule === filter.rule), { camera_id: null, rule: filter.rule })}
        {!camera && !filter.rule && batch(t('queue.seen_all'), unseen?.total ?? 0, { camera_id: null, rule: null })}
      </div>
    </div>
  );
}

const counted = (name: string, n: number) => (n > 0 ? `${name} (${n})` : name);
