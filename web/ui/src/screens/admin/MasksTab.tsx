import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Camera } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty } from '../../components/small';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { PictureEditor, PictureFrame, problem, ShapeMarks, type Shape } from '../../picture';
import { masksApi, type Mask } from '../../zones/api';
import { firstCamera } from '../../zones/firstCamera';
import { maskShapes } from '../../zones/shapes';
import { messages } from '../../zones/text';
import '../../zones/zones.css';
import { Check, EditButton, fieldProblems, TextField } from './parts';
import { PresetField } from './PresetField';
import { messages as adminMessages } from './text';

interface Draft {
  of: Mask | null;
  name: string;
  preset: string;
  shape: Shape;
}

/** Privacy masks: what analytics never sees of a camera's picture. */
export function MasksTab() {
  const t = messages.use();
  const words = adminMessages.use();
  const cameras = [...useRows(useFeed().cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const asked = Number(new URLSearchParams(location.search).get('camera'));
  const [wanted, setWanted] = useState<number | null>(asked || null);
  const camera = firstCamera(cameras, wanted);
  if (!camera) return <Empty title={words('camera.empty')}>{words('camera.empty_hint')}</Empty>;
  return (
    <div className="zn" data-testid="masks">
      <p className="muted zn-hint">{t('masks.hint')}</p>
      <div className="ad-head">
        <select className="input" aria-label={words('zone.camera')} value={camera.id} onChange={(event) => setWanted(Number(event.target.value))}>
          {cameras.map((each) => (
            <option key={each.id} value={each.id}>
              {each.code} {named(t.language, each)}
            </option>
          ))}
        </select>
      </div>
      <Masks key={camera.id} camera={camera} />
    </div>
  );
}

function Masks({ camera }: { camera: Camera }) {
  const t = messages.use();
  const shared = useText();
  const [masks, setMasks] = useState<Mask[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    try {
      setMasks(await masksApi.list(camera.id));
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => void load(), []);
  const attempt = async (work: () => Promise<unknown>) => {
    setError(null);
    try {
      await work();
      setDraft(null);
      await load();
    } catch (problem) {
      setError(problem);
    }
  };
  const save = ({ of, name, preset, shape }: Draft) =>
    attempt(() =>
      of
        ? masksApi.change(of, { name: name.trim(), points: shape.points, preset: preset.trim() || null })
        : masksApi.add({ camera_id: camera.id, name: name.trim(), points: shape.points, preset: preset.trim() || null }),
    );
  const fields = fieldProblems(error);
  const ready = draft !== null && draft.name.trim() !== '' && problem(draft.shape) === null;
  return (
    <div className="zn-editor">
      <div className="zn-canvas">
        {draft ? (
          <PictureEditor camera={camera} shapes={[draft.shape]} onShapes={([shape]) => shape && setDraft({ ...draft, shape })} active={0} others={maskShapes(masks, draft.of?.id)} />
        ) : (
          <PictureFrame camera={camera}>
            {({ box, rect }) => (
              <svg className="picture-overlay" width={box.width} height={box.height}>
                {maskShapes(masks).map((shape) => (
                  <ShapeMarks key={shape.id} shape={shape} rect={rect} />
                ))}
              </svg>
            )}
          </PictureFrame>
        )}
      </div>
      <div className="zn-side">
        {error !== null && <ErrorNotice error={error} onReload={() => void load().then(() => setDraft(null))} onDismiss={() => setError(null)} />}
        {draft ? (
          <form
            className="zn-form"
            onSubmit={(event) => {
              event.preventDefault();
              void save(draft);
            }}
          >
            <h2>{draft.of ? t('masks.edit', { name: draft.of.name }) : t('masks.new')}</h2>
            <TextField label={t('masks.name')} value={draft.name} required maxLength={100} problem={fields['name']} testid="mask-name" onChange={(name) => setDraft({ ...draft, name })} />
            {camera.ptz && (
              <PresetField
                camera={camera}
                label={t('masks.preset')}
                hint={t('masks.preset_hint')}
                none={t('masks.preset_none')}
                value={draft.preset}
                problem={fields['preset']}
                testid="mask-preset"
                onChange={(preset) => setDraft({ ...draft, preset })}
              />
            )}
            <div className="ad-head">
              <button type="submit" className="button primary" disabled={!ready} data-testid="mask-save">
                {shared('action.save')}
              </button>
              <button type="button" className="button" onClick={() => setDraft(null)}>
                {shared('action.cancel')}
              </button>
            </div>
          </form>
        ) : (
          <>
            <div className="ad-head">
              <button
                type="button"
                className="button primary"
                data-testid="mask-new"
                onClick={() => setDraft({ of: null, name: '', preset: '', shape: { id: 'mask', kind: 'area', points: [], look: 'mask' } })}
              >
                <Plus size={16} aria-hidden />
                {t('masks.new')}
              </button>
            </div>
            {masks.length === 0 ? (
              <Empty title={t('masks.empty')}>{t('masks.empty_hint')}</Empty>
            ) : (
              <ul className="ad-list zn-masks" data-testid="mask-list">
                {masks.map((mask) => (
                  <li key={mask.id} data-mask-id={mask.id}>
                    <div>
                      <strong>{mask.name}</strong>
                      {!mask.enabled && <p className="muted">{t('masks.off')}</p>}
                    </div>
                    <Check
                      label={t('masks.enabled')}
                      checked={mask.enabled}
                      onChange={(enabled) => (enabled || confirm(t('masks.off_sure', { name: mask.name }))) && void attempt(() => masksApi.change(mask, { enabled }))}
                    />
                    <EditButton onClick={() => setDraft({ of: mask, name: mask.name, preset: mask.preset ?? '', shape: { id: 'mask', kind: 'area', points: mask.points, look: 'mask' } })} />
                    <button
                      type="button"
                      className="button quiet icon small"
                      aria-label={`${t('zones.remove')} ${mask.name}`}
                      title={t('zones.remove')}
                      onClick={() => confirm(t('masks.remove_sure', { name: mask.name })) && void attempt(() => masksApi.remove(mask))}
                    >
                      <Trash2 size={16} aria-hidden />
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </div>
  );
}
