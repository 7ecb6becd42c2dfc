import { Compass, Radar, Video } from 'lucide-react';
import { useState } from 'react';
import { cameras as cameraRoutes } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { Empty } from '../../components/small';
import { useConnection, useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { sentence } from '../../said';
import { CalibrateScreen } from './calibrate';
import { messages as calibrateMessages } from './calibrate/text';
import { CameraForm } from './CameraForm';
import { FindCameras } from './FindCameras';
import { AddBar, EditButton, Table } from './parts';
import { messages } from './text';

/** All cameras, and the ways to add one: by its address, or by asking the network. */
export function CamerasTab() {
  const t = messages.use();
  const shared = useText();
  const { state } = useConnection();
  const rows = [...useRows(useFeed().cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const [editing, setEditing] = useState<number | 'new' | null>(null);
  const [finding, setFinding] = useState(false);
  const [posing, setPosing] = useState<number | null>(null);
  const posed = rows.find((camera) => camera.id === posing);
  const calibrate = calibrateMessages.use();
  /** A role as one word: off, on, or which stream where there are two. */
  const role = (camera: Camera, on: boolean, stream: Camera['record_stream']) =>
    on ? (camera.has_sub ? t(`camera.stream.${stream}`) : t('admin.yes')) : t('admin.no');
  return (
    <>
      <AddBar label={t('camera.add')} onClick={() => setEditing('new')}>
        <button type="button" className="button" data-testid="find-cameras" onClick={() => setFinding(true)}>
          <Radar size={16} aria-hidden />
          {t('find.title')}
        </button>
      </AddBar>
      {rows.length === 0 && state === 'connecting' ? (
        <p className="muted">{shared('app.loading')}</p>
      ) : rows.length === 0 ? (
        <Empty icon={<Video size={32} aria-hidden />} title={t('camera.empty')}>
          {t('camera.empty_hint')}
        </Empty>
      ) : (
        <Table
          heads={[
            t('camera.picture'),
            t('camera.code'),
            t('camera.column.name'),
            t('camera.state'),
            t('camera.recorded'),
            t('camera.analysed'),
            t('camera.column.published'),
            t('camera.audio_short'),
            t('camera.ptz_short'),
            t('camera.retention_days'),
            null,
          ]}
        >
          {rows.map((camera) => (
            <tr key={camera.id}>
              <td>{camera.state === 'online' ? <img className="ad-thumb" src={cameraRoutes.snapshotUrl(camera.id)} alt="" loading="lazy" /> : <span className="ad-thumb" />}</td>
              <td>{camera.code}</td>
              <td>{named(t.language, camera)}</td>
              <td>
                {shared(`camera_state.${camera.state}`)}
                {camera.reason && <div className="muted ad-reason">{sentence(t.language, camera.reason, camera.why)}</div>}
              </td>
              <td>{role(camera, camera.recorded, camera.record_stream)}</td>
              <td>{role(camera, camera.analysed, camera.analyse_stream)}</td>
              <td>{role(camera, camera.published, camera.publish_stream)}</td>
              <td>{t(camera.audio ? 'admin.yes' : 'admin.no')}</td>
              <td>{t(camera.ptz ? 'admin.yes' : 'admin.no')}</td>
              <td className="ad-number">{camera.retention_days}</td>
              <td>
                <span className="ad-buttons">
                  <button
                    type="button"
                    className="button icon small"
                    title={calibrate('calibrate.open')}
                    aria-label={`${calibrate('calibrate.open')} ${camera.code}`}
                    data-testid={`calibrate-${camera.code}`}
                    onClick={() => setPosing(camera.id)}
                  >
                    <Compass size={16} aria-hidden />
                  </button>
                  <EditButton onClick={() => setEditing(camera.id)} />
                </span>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {editing !== null && <CameraForm key={editing} id={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      {posed && <CalibrateScreen key={posed.id} camera={posed} onClose={() => setPosing(null)} />}
      {finding && <FindCameras onClose={() => setFinding(false)} />}
    </>
  );
}
