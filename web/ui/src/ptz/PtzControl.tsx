import { Bookmark, BookmarkPlus, Trash2 } from 'lucide-react';
import { useEffect, useState, type PointerEvent } from 'react';
import type { Camera } from '../api/types';
import { useSession } from '../app/session';
import { Dialog } from '../components/Dialog';
import { ErrorNotice } from '../components/ErrorNotice';
import { useServerNow } from '../feed/clock';
import { named, useText } from '../i18n';
import { clock } from '../i18n/format';
import { useCommands } from '../keys';
import { sentence } from '../said';
import { mayMove } from './hold';
import { Pad } from './Pad';
import './ptz.css';
import { messages } from './text';
import { usePtz, type PtzControlState } from './usePtz';

/** Keys as they are named when held: `=` is the `+` without Shift. */
const heldName = (key: string): string => {
  const bare = key.replace(/^Shift\+/, '');
  return bare === '=' ? '+' : bare === '_' ? '-' : bare;
};
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', '+', '=', '-', '_'];

/** Whether this person may turn this camera at all. */
export function useTurns(): (camera: Camera) => boolean {
  const { has } = useSession();
  return (camera) => camera.ptz && camera.enabled && has('dispatcher', 'commander', 'admin');
}

/** Over a picture: whose the camera is, the pad, and its presets. Moving a free camera takes it; leaving gives it back. */
export function PtzControl({ camera }: { camera: Camera }) {
  const t = messages.use();
  const ptz = usePtz(camera.id);
  useServerNow(); // a hold runs out by itself
  const [naming, setNaming] = useState(false);
  const may = ptz.hold !== null && mayMove(ptz.hold);
  const presets = ptz.state?.presets ?? [];
  const able = ptz.state?.abilities;

  useEffect(() => {
    const up = (event: KeyboardEvent) => {
      if (event.key === 'Shift') ptz.letGo();
      else ptz.key(heldName(event.key), false, event.shiftKey);
    };
    window.addEventListener('keyup', up);
    return () => window.removeEventListener('keyup', up);
  });

  useCommands([
    {
      id: 'ptz.turn',
      keys: [...KEYS, ...KEYS.filter((key) => key.startsWith('Arrow')).map((key) => `Shift+${key}`)],
      shown: '← ↑ → ↓ + −',
      group: 'video',
      label: t('key.turn'),
      run: (key) => ptz.key(heldName(key), true, key.startsWith('Shift+')),
      enabled: may,
    },
    {
      id: 'ptz.preset',
      keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
      shown: '1 – 9',
      group: 'video',
      label: t('key.preset'),
      run: (key) => {
        const preset = presets[Number(key) - 1];
        if (preset) ptz.goto(preset.token);
      },
      enabled: may && presets.length > 0,
    },
  ]);

  // What is done on the control is not done to the tile below it.
  const own = { onPointerDown: (event: PointerEvent) => event.stopPropagation(), onDoubleClick: (event: { stopPropagation: () => void }) => event.stopPropagation() };
  return (
    <div className="ptz" data-testid="ptz" data-hold={ptz.hold?.kind} {...own}>
      {ptz.error !== null && (
        <div className="ptz-error">
          <ErrorNotice error={ptz.error} thing={named(t.language, camera)} />
        </div>
      )}
      {ptz.state?.message && <p className="ptz-line">{sentence(t.language, ptz.state.message, ptz.state.why)}</p>}
      <div className="ptz-tools">
        <div className="ptz-left">
          <Holder ptz={ptz} />
          <div className="ptz-presets" role="group" aria-label={t('presets')}>
            {presets.map((preset, i) => (
              <span key={preset.token} className="ptz-preset">
                <button type="button" className="button small" disabled={!may} title={i < 9 ? `${preset.name} (${i + 1})` : preset.name} data-testid="ptz-preset" onClick={() => ptz.goto(preset.token)}>
                  <Bookmark size={13} aria-hidden />
                  {i < 9 && <b>{i + 1}</b>}
                  <span className="ellipsis">{preset.name}</span>
                </button>
              </span>
            ))}
            <button type="button" className="button small" disabled={!may || ptz.state?.presets === null} data-testid="ptz-save" onClick={() => setNaming(true)}>
              <BookmarkPlus size={13} aria-hidden />
              {t('preset.save')}
            </button>
          </div>
        </div>
        <Pad disabled={!may} zoomOnly={able ? !able.pan_tilt : false} onWant={ptz.pad} />
      </div>
      {naming && <PresetDialog ptz={ptz} onClose={() => setNaming(false)} />}
    </div>
  );
}

/** Whose the camera is, in words, and what can be done about it. */
function Holder({ ptz }: { ptz: PtzControlState }) {
  const t = messages.use();
  const { hold } = ptz;
  if (!hold) return <p className="ptz-line muted">{t('hold.asking')}</p>;
  return (
    <p className="ptz-line" role="status" data-testid="ptz-hold">
      {hold.kind === 'free' && t('hold.free')}
      {hold.kind === 'mine' && (
        <>
          {t('hold.mine', { time: clock(hold.until) })}
          <button type="button" className="button small" onClick={ptz.release}>
            {t('hold.release')}
          </button>
        </>
      )}
      {(hold.kind === 'weaker' || hold.kind === 'stronger') && t('hold.other', { who: hold.holder, time: clock(hold.until) })}
      {hold.kind === 'weaker' && (
        <button type="button" className="button small" data-testid="ptz-take" onClick={ptz.take}>
          {t('hold.take')}
        </button>
      )}
      {hold.kind === 'stronger' && <span className="muted">{t('hold.wait')}</span>}
    </p>
  );
}

function PresetDialog({ ptz, onClose }: { ptz: PtzControlState; onClose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const [name, setName] = useState('');
  const [token, setToken] = useState('');
  const presets = ptz.state?.presets ?? [];
  const wanted = name.trim() || presets.find((preset) => preset.token === token)?.name || '';
  return (
    <Dialog
      title={t('preset.save')}
      onClose={onClose}
      onSubmit={() => wanted && void ptz.save(wanted, token || null).then((done) => done && onClose())}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={!wanted} data-testid="ptz-save-submit">
            {shared('action.save')}
          </button>
        </>
      }
    >
      <label className="field">
        <span className="label">{t('preset.name')}</span>
        <input className="input" data-autofocus data-testid="ptz-save-name" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      {presets.length > 0 && (
        <label className="field">
          <span className="label">{t('preset.instead')}</span>
          <select className="input" value={token} onChange={(event) => setToken(event.target.value)}>
            <option value="">{t('preset.new')}</option>
            {presets.map((preset) => (
              <option key={preset.token} value={preset.token}>
                {preset.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {presets.length > 0 && (
        <ul className="ptz-manage" aria-label={t('presets')}>
          {presets.map((preset) => (
            <li key={preset.token}>
              <span className="ellipsis">{preset.name}</span>
              {preset.token === ptz.state?.home ? (
                <span className="muted">{t('preset.home')}</span>
              ) : (
                <button type="button" className="button quiet icon small" aria-label={t('preset.remove', { name: preset.name })} title={t('preset.remove', { name: preset.name })} onClick={() => ptz.remove(preset.token)}>
                  <Trash2 size={14} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {ptz.error !== null && <ErrorNotice error={ptz.error} />}
    </Dialog>
  );
}
