import { History, PencilRuler, Siren, Waves } from 'lucide-react';
import { useState } from 'react';
import { places, things } from '../../../api/endpoints';
import type { Camera, Sensor, Unit, Vehicle } from '../../../api/types';
import { useSession } from '../../../app/session';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Age, Empty } from '../../../components/small';
import { useFeed, useRow } from '../../../feed';
import { serverNow } from '../../../feed/clock';
import { either, named, useLanguage, useText } from '../../../i18n';
import { lonLat, moment, number, speed } from '../../../i18n/format';
import { sentence } from '../../../said';
import type { Actions } from '../actions';
import { useFetched } from '../../../app/fetched';
import { useConsoleText } from '../messages';
import { consoleState, select, type Selection } from '../state';
import { useZones } from '../useZones';
import { zoneFacts } from '../zoneFacts';
import { Facts } from './Facts';
import { Sparkline } from './Sparkline';
import { ZonePanel } from './ZonePanel';

/** Whatever was clicked that is neither an alarm nor an incident. */
export function ThingPanel({ selection, actions }: { selection: Selection; actions: Actions }) {
  const feed = useFeed();
  const id = 'id' in selection ? selection.id : null;
  const camera = useRow(feed.cameras, selection.kind === 'camera' ? id : null);
  const unit = useRow(feed.units, selection.kind === 'unit' ? id : null);
  const vehicle = useRow(feed.vehicles, selection.kind === 'vehicle' ? id : null);
  const sensor = useRow(feed.sensors, selection.kind === 'sensor' ? id : null);
  const { zones, outlines } = useZones();
  const zone = selection.kind === 'zone' ? zoneFacts(selection.id, zones, outlines, (one) => feed.cameras.get(one)) : null;
  if (zone) return <ZonePanel facts={zone} />;
  if (camera) return <CameraPanel camera={camera} />;
  if (unit) return <UnitPanel unit={unit} actions={actions} />;
  if (vehicle) return <VehiclePanel vehicle={vehicle} />;
  if (sensor) return <SensorPanel key={sensor.id} sensor={sensor} />;
  if (selection.kind === 'spot') return <SpotPanel lon={selection.lon} lat={selection.lat} />;
  if (selection.kind === 'place') return <SpotPanel lon={selection.place.lon} lat={selection.place.lat} name={selection.place} />;
  return <Gone />;
}

function Gone() {
  const t = useConsoleText();
  return <Empty title={t('thing.gone')}>{t('thing.gone_hint')}</Empty>;
}

function Head({ kind, title }: { kind: string; title: string }) {
  return (
    <header className="panel-head">
      <p className="muted panel-kind">{kind}</p>
      <h2>{title}</h2>
    </header>
  );
}

function CameraPanel({ camera }: { camera: Camera }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const { has } = useSession();
  const picture = [camera.codec?.toUpperCase(), camera.width_px && camera.height_px && `${camera.width_px}×${camera.height_px}`, camera.fps && `${number(camera.fps, language, 1)} fps`, camera.bitrate_bps && `${number(camera.bitrate_bps / 1e6, language, 1)} Mbit/s`];
  return (
    <article className="panel-body">
      <Head kind={shared('thing.camera')} title={named(language, camera)} />
      {has('reviewer', 'dispatcher', 'commander', 'admin') && (
        <div className="panel-actions">
          {has('admin') && (
            <a className="button" href={`/admin?tab=zones&camera=${camera.id}`} data-testid="camera-zones">
              <PencilRuler size={16} aria-hidden />
              {t('dock.zones')}
            </a>
          )}
          <a className="button" href={`/review?camera=${camera.id}`} target="_blank" rel="noreferrer">
            <History size={16} aria-hidden />
            {t('thing.review')}
          </a>
        </div>
      )}
      <Facts
        rows={[
          [t('thing.code'), camera.code],
          [t('thing.state'), shared(`camera_state.${camera.state}`)],
          [t('thing.reason'), camera.state === 'online' || !camera.reason ? null : sentence(language, camera.reason, camera.why)],
          [t('thing.since'), camera.since && <><Age key="since" at={camera.since} /> <span className="muted">({moment(camera.since)})</span></>],
          [t('thing.picture'), picture.filter(Boolean).join(' · ')],
          [t('thing.recording'), `${t(camera.recording ? 'thing.recording_on' : 'thing.recording_off')} · ${t('thing.retention', { n: camera.retention_days })}`],
          [t('thing.analysed'), t(camera.analysed ? 'thing.on' : 'thing.off')],
          [t('thing.position'), lonLat(camera.lon, camera.lat)],
        ]}
      />
    </article>
  );
}

const DUTIES = ['available', 'unavailable', 'out_of_service', 'off'] as const;

function UnitPanel({ unit, actions }: { unit: Unit; actions: Actions }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const { has } = useSession();
  return (
    <article className="panel-body">
      <Head kind={`${shared('thing.unit')} · ${shared(`service.${unit.service}`)}`} title={`${unit.code} ${named(language, unit)}`} />
      {unit.panic && (
        <p className="panic" data-priority={1} role="alert">
          <span className="level">P1</span> {t('thing.panic')}
        </p>
      )}
      {unit.incident_id !== null && has('dispatcher', 'commander', 'reviewer') && (
        <div className="panel-actions">
          <button type="button" className="button" onClick={() => select({ kind: 'incident', id: unit.incident_id as number })}>
            <Siren size={16} aria-hidden />
            {t('alarm.go_incident', { id: unit.incident_id })}
          </button>
        </div>
      )}
      <Facts
        rows={[
          [t('thing.state'), shared(`unit_status.${unit.status}`)],
          [t('thing.crew'), t('thing.people', { n: unit.crew })],
          [t('thing.position_at'), unit.position_at ? <Age key="at" at={unit.position_at} /> : t('thing.never')],
          [t('thing.speed'), unit.speed_ms === null ? null : speed(unit.speed_ms)],
          [t('thing.course'), unit.course_deg === null ? null : `${Math.round(unit.course_deg)}°`],
          [t('thing.position'), unit.lon === null || unit.lat === null ? null : lonLat(unit.lon, unit.lat)],
        ]}
      />
      {has('dispatcher') && (
        <label className="field">
          <span className="label">{t('thing.duty')}</span>
          <select className="input" value={unit.duty} onChange={(event) => void actions.setDuty(unit, event.target.value as Unit['duty'])}>
            {DUTIES.map((duty) => (
              <option key={duty} value={duty}>
                {t(`duty.${duty}`)}
              </option>
            ))}
          </select>
        </label>
      )}
    </article>
  );
}

function VehiclePanel({ vehicle }: { vehicle: Vehicle }) {
  const t = useConsoleText();
  const shared = useText();
  return (
    <article className="panel-body">
      <Head kind={shared('thing.vehicle')} title={vehicle.plate ?? vehicle.name} />
      <Facts
        rows={[
          [t('thing.service'), vehicle.service && (shared.maybe(`service.${vehicle.service}`) ?? vehicle.service)],
          [t('thing.code'), vehicle.name],
          [t('thing.position_at'), <Age key="at" at={vehicle.at} />],
          [t('thing.speed'), vehicle.speed_ms === null ? null : speed(vehicle.speed_ms)],
          [t('thing.course'), vehicle.course_deg === null ? null : `${Math.round(vehicle.course_deg)}°`],
          [t('thing.position'), lonLat(vehicle.lon, vehicle.lat)],
        ]}
      />
      {vehicle.unit_id !== null && (
        <button type="button" className="button" onClick={() => select({ kind: 'unit', id: vehicle.unit_id as number })}>
          {shared('thing.unit')}
        </button>
      )}
    </article>
  );
}

const DAY_MS = 86_400_000;

function SensorPanel({ sensor }: { sensor: Sensor }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const [chosen, setChosen] = useState(sensor.readings[0]?.quantity ?? null);
  const newest = sensor.readings.find((reading) => reading.quantity === chosen);
  const series = useFetched(
    chosen && `${sensor.id} ${chosen}`,
    (_key, signal) => things.sensorSeries(sensor.id, chosen ?? '', new Date(serverNow() - DAY_MS).toISOString(), new Date(serverNow()).toISOString(), signal),
    newest?.at,
  );
  return (
    <article className="panel-body">
      <Head kind={`${shared('thing.sensor')} · ${shared(`sensor_kind.${sensor.kind}`)}`} title={named(language, sensor)} />
      <section>
        <h3>{t('thing.readings')}</h3>
        {sensor.readings.length === 0 && (
          <p className="muted">
            <Waves size={15} aria-hidden /> {t('thing.no_readings')}
          </p>
        )}
        {sensor.readings.map((reading) => (
          <button key={reading.quantity} type="button" className="line line-button" aria-pressed={reading.quantity === chosen} onClick={() => setChosen(reading.quantity)}>
            <span className="grow ellipsis">{t.maybe(`quantity.${reading.quantity}`) ?? reading.quantity}</span>
            {reading.over && <strong className="over">{t('thing.over')}</strong>}
            <b>
              {number(reading.value, language)} {reading.unit}
            </b>
            {reading.limit_value !== null && reading.limit_value !== undefined && <span className="muted">{t('thing.limit', { value: number(reading.limit_value, language) })}</span>}
            <span className="muted">
              <Age at={reading.at} />
            </span>
          </button>
        ))}
      </section>
      {chosen && (
        <section>
          <h3>{t('thing.day')}</h3>
          {series.error !== null && <ErrorNotice error={series.error} />}
          {series.data && (series.data.value.length > 1 ? <Sparkline series={series.data} limit={newest?.limit_value ?? null} /> : <p className="muted">{t('thing.no_series')}</p>)}
        </section>
      )}
      <Facts
        rows={[
          [t('thing.protocol'), sensor.protocol],
          [t('thing.last_seen'), sensor.last_seen_at ? <Age key="seen" at={sensor.last_seen_at} /> : t('thing.never')],
          [t('thing.position'), sensor.lon === null || sensor.lat === null ? null : lonLat(sensor.lon, sensor.lat)],
        ]}
      />
    </article>
  );
}

function SpotPanel({ lon, lat, name }: { lon: number; lat: number; name?: { name: string; name_en: string | null } }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const { has } = useSession();
  const { data: place } = useFetched(name ? null : lonLat(lon, lat), (_key, signal) => places.near(lon, lat, signal));
  return (
    <article className="panel-body">
      <Head
        kind={shared(name ? 'thing.place' : 'thing.spot')}
        title={name ? named(language, name) : place ? either(language, place.name, place.name_en) : lonLat(lon, lat)}
      />
      {has('dispatcher', 'commander') && (
        <div className="panel-actions">
          <button type="button" className="button" onClick={() => consoleState.set({ dialog: { kind: 'open', lon, lat } })}>
            <Siren size={16} aria-hidden />
            {t('thing.open_here')}
          </button>
        </div>
      )}
      <Facts rows={[[t('thing.position'), lonLat(lon, lat)]]} />
    </article>
  );
}
