import { HardDrive, VideoOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { Health } from '../../api/types';
import { useSession } from '../../app/session';
import { Popover } from '../../components/Popover';
import { PriorityMark } from '../../components/small';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { sentence } from '../../said';
import { useConsoleText } from './messages';
import { select } from './state';
import { quiet, warningsOf } from './warnings';

const EVERY_MS = 15_000;
const MOST = 10;

/** A calm word in the bar when something is not recorded or the disk fills; nothing at all while all is well. */
export function RecordingWarning() {
  const t = useConsoleText();
  const shared = useText();
  const { has } = useSession();
  const cameras = useRows(useFeed().cameras);
  const [health, setHealth] = useState<Health | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    // An answer that does not come is the feed's to tell; what was known stays.
    const load = () => admin.system().then(setHealth, () => undefined);
    void load();
    const timer = setInterval(() => document.visibilityState === 'visible' && void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const found = warningsOf(health, cameras);
  if (quiet(found)) return null;
  const { silent, unheard, disk } = found;
  const words = [unheard && t('warn.unheard_short'), disk && t('warn.disk_short', { percent: Math.round(disk.used_percent) }), silent.length > 0 && t('warn.silent', { n: silent.length })].filter(Boolean);
  return (
    <Popover
      open={open}
      setOpen={setOpen}
      label={t('warn.label')}
      testid="recording-warning"
      button={
        <>
          {disk ? <HardDrive size={16} aria-hidden /> : <VideoOff size={16} aria-hidden />}
          {disk && <PriorityMark priority={disk.priority} />}
          <span className="topbar-wide">{words.join(' · ')}</span>
        </>
      }
    >
      {unheard && <p className="caption">{t('warn.unheard')}</p>}
      {disk && <p className="caption">{t(`warn.disk.${disk.level}`, { percent: Math.round(disk.used_percent) })}</p>}
      {disk && has('admin') && <a href="/admin?tab=storage">{t('warn.storage')}</a>}
      {silent.length > 0 && <p className="caption">{t('warn.silent_long', { n: silent.length })}</p>}
      {silent.slice(0, MOST).map((camera) => (
        <button key={camera.id} type="button" onClick={() => select({ kind: 'camera', id: camera.id })}>
          <span className="ellipsis">{named(t.language, camera)}</span>
          <span className="muted ellipsis">{camera.state === 'online' ? sentence(t.language, camera.reason, camera.why) : shared(`camera_state.${camera.state}`)}</span>
        </button>
      ))}
      {silent.length > MOST && <a href="/wall">{t('warn.more', { n: silent.length - MOST })}</a>}
    </Popover>
  );
}
