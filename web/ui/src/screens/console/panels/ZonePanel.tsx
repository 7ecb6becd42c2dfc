import { PencilRuler } from 'lucide-react';
import { useSession } from '../../../app/session';
import { PriorityMark } from '../../../components/small';
import { named, useText } from '../../../i18n';
import { ruleIcon } from '../../../zones/icons';
import { messages as zoneMessages } from '../../../zones/text';
import { presetOf, type Span } from '../../../zones/week';
import { useConsoleText } from '../messages';
import { select } from '../state';
import type { ZoneFacts } from '../zoneFacts';
import { Facts } from './Facts';

/** A zone of the map: what it watches for, when, and which cameras see it. */
export function ZonePanel({ facts: { zone, cameras } }: { facts: ZoneFacts }) {
  const t = useConsoleText();
  const shared = useText();
  const words = zoneMessages.use();
  const { has } = useSession();
  const Icon = ruleIcon(zone.rule);
  const preset = presetOf(zone.schedule as Span[]);
  return (
    <article className="panel-body" data-testid="zone-panel">
      <header className="panel-head">
        <p className="muted panel-kind">{shared('thing.zone')}</p>
        <h2>{named(t.language, zone)}</h2>
      </header>
      {has('admin') && (
        <div className="panel-actions">
          <a className="button" href={`/admin?tab=zones&camera=${zone.camera_id ?? 'map'}`}>
            <PencilRuler size={16} aria-hidden />
            {t('zone.edit')}
          </a>
        </div>
      )}
      <Facts
        rows={[
          [
            t('zone.rule'),
            <span key="rule" className="zone-rule">
              <Icon size={16} aria-hidden /> {shared(`alarm_kind.${zone.rule}`)}
            </span>,
          ],
          [t('zone.priority'), <PriorityMark key="priority" priority={zone.priority} />],
          [t('thing.state'), t(zone.enabled ? 'zone.on' : 'zone.off')],
          [t('zone.when'), preset ? words(`zones.preset_week.${preset}`) : words('zones.preset_week.own')],
        ]}
      />
      <section>
        <h3>{t('zone.cameras', { n: cameras.length })}</h3>
        {cameras.length === 0 && <p className="muted">{t('zone.unseen')}</p>}
        <ul>
          {cameras.map((camera) => (
            <li key={camera.id}>
              <button type="button" className="link" onClick={() => select({ kind: 'camera', id: camera.id })}>
                {named(t.language, camera)}
              </button>
              {camera.state !== 'online' && <span className="muted"> · {shared(`camera_state.${camera.state}`)}</span>}
            </li>
          ))}
        </ul>
      </section>
    </article>
  );
}
