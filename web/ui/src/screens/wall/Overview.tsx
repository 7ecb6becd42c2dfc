import { useState } from 'react';
import type { Camera } from '../../api/types';
import { Age, Empty } from '../../components/small';
import { named, useText } from '../../i18n';
import { EVERY_S } from '../../live/mosaic';
import { problemOf, type Problem } from '../../live/problem';
import { SlowPicture } from '../../live/SlowPicture';
import { sentence } from '../../said';
import { messages } from './text';

const FILTERS = ['all', 'lost', 'not_recording'] as const satisfies readonly ('all' | Problem)[];

interface Props {
  cameras: readonly Camera[];
  onChoose: (camera: Camera) => void;
}

/** All cameras at a low rate, with their states; a click shows one live. */
export function Overview({ cameras, onChoose }: Props) {
  const t = messages.use();
  const shared = useText();
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>('all');
  const counts = { all: cameras.length, lost: 0, not_recording: 0 };
  for (const camera of cameras) {
    const problem = problemOf(camera);
    if (problem) counts[problem] += 1;
  }
  const shown = filter === 'all' ? cameras : cameras.filter((camera) => problemOf(camera) === filter);
  return (
    <div className="wall-overview">
      <div className="wall-filter" role="group" aria-label={t('overview.filter')}>
        {FILTERS.map((name) => (
          <button key={name} type="button" className="button small" aria-pressed={filter === name} data-testid={`filter-${name}`} onClick={() => setFilter(name)}>
            {t(`overview.${name}`)} <b>{counts[name]}</b>
          </button>
        ))}
        <span className="muted">{shared('live.slow', { s: EVERY_S })}</span>
      </div>
      {shown.length === 0 ? (
        <Empty title={t(filter === 'all' ? 'list.no_cameras' : 'overview.fine')}>{t(filter === 'all' ? 'list.no_cameras_hint' : 'overview.fine_hint')}</Empty>
      ) : (
        <ul className="wall-cards">
          {shown.map((camera) => {
            const problem = problemOf(camera);
            return (
              <li key={camera.id}>
                <button type="button" className="wall-card" data-testid="wall-card" data-problem={problem ?? undefined} onClick={() => onChoose(camera)}>
                  <span className="wall-card-picture">
                    {camera.state === 'online' ? (
                      <SlowPicture camera={camera.id} quiet />
                    ) : (
                      <span className="wall-card-state">
                        <strong>{shared(`camera_state.${camera.state}`)}</strong>
                        {camera.since && <Age at={camera.since} />}
                        <span className="wall-card-reason">{camera.reason && sentence(t.language, camera.reason, camera.why)}</span>
                      </span>
                    )}
                  </span>
                  <span className="wall-card-name">
                    <span className="ellipsis">{named(t.language, camera)}</span>
                    <span className="muted">{problem === 'not_recording' ? t('overview.not_recording') : camera.recording ? t('overview.recording') : ''}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
