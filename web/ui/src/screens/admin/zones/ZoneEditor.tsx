import { useEffect, useRef, useState } from 'react';
import { admin } from '../../../api/endpoints';
import type { Camera, Zone } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { useText, named } from '../../../i18n';
import { PictureEditor, PictureFrame, problem, ShapeMarks, type Shape } from '../../../picture';
import { zonesApi, type Ignored, type Outline } from '../../../zones/api';
import { problems, toIn, toPatch, type Draft } from '../../../zones/draft';
import { usesIgnored } from '../../../zones/rules';
import { ignoredShapes } from '../../../zones/shapes';
import { messages } from '../../../zones/text';
import { TryOut } from '../../../zones/TryOut';
import { ZoneMap } from '../../../zones/ZoneMap';
import { fieldProblems } from '../parts';
import { ZoneForm } from './ZoneForm';

interface Props {
  draft: Draft;
  onDraft: (draft: Draft | null) => void;
  camera: Camera | null;
  cameras: readonly Camera[];
  others: readonly Shape[];
  ignored: readonly Ignored[];
  /** It was stored; the editor stays open with what it now is. */
  onSaved: (zone: Zone) => void;
  onReload: () => void;
}

const LOOK_MS = 400;

/** One zone being drawn, set, tried and saved. */
export function ZoneEditor({ draft, onDraft, camera, cameras, others, ignored, onSaved, onReload }: Props) {
  const t = messages.use();
  const shared = useText();
  const [active, setActive] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState<number | undefined>(undefined);
  const [extra, setExtra] = useState<Shape | null>(null);
  const [seen, setSeen] = useState<Outline[]>([]);
  const { rule } = draft;
  const missing = problems(draft);
  const onMap = draft.camera_id === null;
  const fields = fieldProblems(error);

  const own = [draft.main, draft.second].filter((shape): shape is Shape => shape !== null);
  const shapes = (extra ? [...own, extra] : own).map((shape) => (shape.kind === 'line' ? { ...shape, across: draft.direction } : shape));
  const take = (next: Shape[]) => {
    onDraft({ ...draft, main: next.find((shape) => shape.id === 'main') ?? null, second: next.find((shape) => shape.id === 'second') ?? null });
    if (extra) setExtra(next.find((shape) => shape.id === 'ignore') ?? null);
  };

  // Which cameras a zone on the map would hold for, a moment after the last change.
  const ground = JSON.stringify([draft.ground, draft.way]);
  const enough = onMap && draft.ground.length >= (rule.draws === 'line' ? 2 : 3);
  useEffect(() => {
    if (!enough) {
      setSeen([]);
      return;
    }
    let gone = false;
    const timer = setTimeout(() => {
      zonesApi
        .draw(rule.rule, draft.ground, draft.way)
        .then((found) => !gone && setSeen(found))
        .catch(() => !gone && setSeen([])); // a half drawn outline that the server refuses is seen by nobody
    }, LOOK_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ground, enough, rule.rule]);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const zone = draft.of ? await admin.changeZone(draft.of, toPatch(draft)) : await admin.addZone(toIn(draft));
      if (extra && draft.camera_id !== null && problem(extra) === null) await zonesApi.ignore(zone.id, draft.camera_id, extra.points);
      setExtra(null);
      setActive(0);
      onSaved(zone);
      setSaved(Date.now());
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const seeing = cameras.filter((each) => seen.some((row) => row.camera_id === each.id));
  const canIgnore = !onMap && usesIgnored(rule);
  const areas = draft.of ? ignored.filter((area) => area.zone_id === draft.of?.id) : [];
  const drop = async (area: Ignored) => {
    try {
      await zonesApi.unignore(area);
      onReload();
    } catch (problem) {
      setError(problem);
    }
  };
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), [draft.of?.id, rule.rule]);

  return (
    <div className="zn-editor">
      <div className="zn-canvas">
        <h2 ref={head} tabIndex={-1}>
          {draft.of ? t('zones.edit', { name: named(t.language, draft.of) }) : t('zones.new')} · {shared(`alarm_kind.${rule.rule}`)}
        </h2>
        {onMap ? (
          <>
            <ZoneMap
              key={draft.of?.id ?? 'new'}
              cameras={cameras}
              line={rule.draws === 'line'}
              hasWay={rule.second === 'way'}
              ground={draft.ground}
              way={draft.way}
              onGround={(next) => onDraft({ ...draft, ground: next })}
              onWay={(way) => onDraft({ ...draft, way })}
              seen={seen}
            />
            {enough && (
              <section className="zn-seen" data-testid="seen-by">
                <h3>{seeing.length === 0 ? t('zones.seen_by_none') : t('zones.seen_by', { n: seeing.length })}</h3>
                <ul>
                  {seeing.map((each) => {
                    const row = seen.find((one) => one.camera_id === each.id) as Outline;
                    const drawn: Shape[] = [{ id: 'seen', kind: rule.draws === 'line' ? 'line' : 'area', points: row.points }];
                    if (row.arrow) drawn.push({ id: 'seen:way', kind: 'arrow', points: row.arrow });
                    return (
                      <li key={each.id}>
                        <PictureFrame camera={each}>
                          {({ box, rect }) => (
                            <svg className="picture-overlay" width={box.width} height={box.height}>
                              {drawn.map((shape) => (
                                <ShapeMarks key={shape.id} shape={shape} rect={rect} />
                              ))}
                            </svg>
                          )}
                        </PictureFrame>
                        <span>
                          {each.code} {named(t.language, each)}
                        </span>
                      </li>
                    );
                  })}
                </ul>
              </section>
            )}
          </>
        ) : camera ? (
          shapes.length === 0 ? (
            <PictureFrame camera={camera} />
          ) : (
            <PictureEditor
              camera={camera}
              shapes={shapes}
              onShapes={take}
              active={active}
              onActive={setActive}
              others={[...others, ...ignoredShapes(areas)]}
              tools={
                shapes.length > 1 && (
                  <span className="zn-tabs" role="radiogroup">
                    {shapes.map((shape, i) => (
                      <button key={shape.id} type="button" role="radio" aria-checked={i === active} className="button small" aria-pressed={i === active} onClick={() => setActive(i)}>
                        {t(shape.id === 'ignore' ? 'zones.shape.ignore' : (`zones.shape.${shape.id}.${shape.kind}` as 'zones.shape.main.area'))}
                      </button>
                    ))}
                  </span>
                )
              }
            />
          )
        ) : null}
        {canIgnore && (
          <div className="zn-row">
            <button
              type="button"
              className="button small"
              disabled={extra !== null}
              data-testid="ignore-add"
              onClick={() => {
                setExtra({ id: 'ignore', kind: 'area', points: [], look: 'own' });
                setActive(own.length);
              }}
            >
              {t('zones.ignore_add')}
            </button>
            {areas.map((area, i) => (
              <button key={area.id} type="button" className="button small quiet" onClick={() => void drop(area)}>
                {t('zones.ignore_remove', { n: i + 1 })}
              </button>
            ))}
            <span className="muted zn-hint">{t('zones.ignore_hint')}</span>
          </div>
        )}
        <TryOut zone={toIn(draft)} zoneId={draft.of?.id ?? null} ignored={extra && problem(extra) === null ? [extra.points] : []} disabled={missing.length > 0} cameras={onMap ? seeing : []} begin={saved} />
      </div>
      <form
        className="zn-side"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {error !== null && <ErrorNotice error={error} thing={draft.name} onReload={onReload} onDismiss={() => setError(null)} />}
        <ZoneForm draft={draft} camera={onMap ? null : camera} problems={fields} onDraft={onDraft} />
        <div className="ad-head zn-foot">
          <button type="submit" className="button primary" disabled={missing.length > 0 || busy} data-testid="zone-save">
            {shared('action.save')}
          </button>
          <button type="button" className="button" onClick={() => onDraft(null)}>
            {shared(saved ? 'action.close' : 'action.cancel')}
          </button>
        {missing.length > 0 && (
          <p className="muted zn-hint" data-testid="zone-missing">
            {t('zones.missing')} {missing.map((each) => t(`zones.missing.${each}`)).join(t.language === 'en' ? ', ' : '、')}
          </p>
        )}
        </div>
      </form>
    </div>
  );
}
