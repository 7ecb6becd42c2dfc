import { useState } from 'react';
import type { Camera, Zone } from '../../../api/types';
import { useFetched } from '../../../app/fetched';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { useText } from '../../../i18n';
import { PictureFrame, ShapeMarks, type Shape } from '../../../picture';
import { noiseApi, zonesApi, type Noise, type Proposal } from '../../../zones/api';
import type { RuleName } from '../../../zones/rules';
import { Strip } from '../../../zones/Strip';
import { TryOut } from '../../../zones/TryOut';
import { clockOf } from '../../../zones/week';
import { messages } from './text';
import { withProposal } from './withProposal';

interface Props {
  row: Noise;
  camera: Camera;
  zone: Zone | null;
  onChanged: () => void;
}

/** What would have kept the false alarms away and lost no true one: look at it, apply it, or decline it. */
export function Proposals({ row, camera, zone, onChanged }: Props) {
  const t = messages.use();
  const [again, setAgain] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = `${row.camera_id}/${row.rule}/${row.zone_id ?? ''}`;
  const { data, error: failed, loading } = useFetched(key, (_, signal) => noiseApi.proposals(row, signal), again);
  const { data: rules } = useFetched('rules', () => zonesApi.rules());
  const act = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      setAgain(again + 1);
      onChanged();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (failed !== null) return <ErrorNotice error={failed} onRetry={() => setAgain(again + 1)} />;
  if (!data) return <p className="muted">{loading ? t('noise.looking') : ''}</p>;
  return (
    <div className="nz-proposals" data-testid="proposals">
      {error !== null && (
        <ErrorNotice
          error={error}
          onReload={() => {
            setError(null);
            setAgain(again + 1);
            onChanged();
          }}
          onDismiss={() => setError(null)}
        />
      )}
      {data.length === 0 && <p className="muted">{t('noise.no_proposals')}</p>}
      {data.map((made) => (
        <article key={made.kind} className="nz-proposal" data-testid={`proposal-${made.kind}`}>
          <h3>{t(`noise.kind.${made.kind}`)}</h3>
          <Sentence made={made} rule={row.rule} />
          <p>
            {t('noise.effect', { gone: made.false_gone, all: made.false_all, kept: made.true_all })}
            {made.true_all === 0 && <strong> {t('noise.no_true')}</strong>}
          </p>
          <div className="nz-look">
            {made.kind === 'ignore' && (
              <div className="nz-picture">
                <PictureFrame camera={camera}>
                  {({ box, rect }) => {
                    const shapes: Shape[] = [{ id: 'ignore', kind: 'area', points: made.area, look: 'mask' }];
                    if (zone && zone.camera_id === camera.id) shapes.unshift({ id: 'zone', kind: zone.rule === 'line_crossing' ? 'line' : 'area', points: zone.points, look: 'other' });
                    return (
                      <svg className="picture-overlay" width={box.width} height={box.height}>
                        {shapes.map((shape) => (
                          <ShapeMarks key={shape.id} shape={shape} rect={rect} />
                        ))}
                      </svg>
                    );
                  }}
                </PictureFrame>
              </div>
            )}
            <div className="nz-strips">
              <h4>{t('noise.examples')}</h4>
              <Strip seen={made.examples} {...(made.kind === 'ignore' ? { area: made.area } : {})} />
              {made.kept.length > 0 && (
                <>
                  <h4>{t('noise.kept')}</h4>
                  <Strip seen={made.kept} />
                </>
              )}
            </div>
          </div>
          {zone && rules?.some((rule) => rule.rule === zone.rule) && (
            <TryOut zone={withProposal(zone, made)} zoneId={zone.id} ignored={made.kind === 'ignore' ? [made.area] : []} disabled={false} cameras={[camera]} />
          )}
          <div className="zn-row">
            <button type="button" className="button primary" disabled={busy} data-testid="apply" onClick={() => void act(() => noiseApi.apply(row, made.kind, zone?.version ?? null))}>
              {t('noise.apply')}
            </button>
            <button type="button" className="button" disabled={busy} data-testid="decline" onClick={() => void act(() => noiseApi.decline(row, made.kind))}>
              {t('noise.decline')}
            </button>
            <span className="muted zn-hint">{t('noise.decline_hint')}</span>
          </div>
        </article>
      ))}
    </div>
  );
}

function Sentence({ made, rule }: { made: Proposal; rule: RuleName }) {
  const t = messages.use();
  const shared = useText();
  const round = (value: number | null) => (value === null ? '–' : String(Math.round(value * 100) / 100));
  if (made.kind === 'ignore') return <p>{t('noise.say.ignore')}</p>;
  if (made.kind === 'schedule') {
    const [from, to] = made.hole_min ?? [0, 0];
    return <p>{t('noise.say.schedule', { from: clockOf(from), to: clockOf(to) })}</p>;
  }
  return <p>{t(`noise.say.${made.kind}`, { rule: shared(`alarm_kind.${rule}`), before: round(made.before), after: round(made.number) })}</p>;
}
