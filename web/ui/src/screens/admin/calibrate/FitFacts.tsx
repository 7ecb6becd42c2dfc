import type { Calibrate, CalibrateIn, Spot } from '../../../api/types';
import { noPlace, useText } from '../../../i18n';
import { messages } from './text';

type Value = CalibrateIn['solve'][number];

/** What is wrong with the points, what stops the fit first. */
export function Problems({ fit, language }: { fit: Calibrate | null; language: string }) {
  if (!fit || fit.problems.length === 0) return null;
  return (
    <ul className="cal-problems" data-testid="cal-problems">
      {fit.problems.map((problem) => (
        <li key={problem.code + problem.points.join()} data-fatal={problem.fatal || undefined}>
          {language === 'en' ? problem.en : problem.zh}
        </li>
      ))}
    </ul>
  );
}

/** What was fitted, how well, and how sure a spot under the pointer is. */
export function Facts({ fit, spot }: { fit: Calibrate | null; spot: Spot | null }) {
  const t = messages.use();
  const shared = useText();
  const pose = fit?.pose;
  const sigma = (value: Value) => fit?.sigmas.find((each) => each.value === value)?.sigma;
  const row = (value: Value, text: string) => (
    <div key={value}>
      <dt>{t(`calibrate.value.${value}`)}</dt>
      <dd>
        {text}
        {sigma(value) !== undefined && <span className="muted"> ± {(sigma(value) as number).toFixed(value === 'k1' || value === 'k2' ? 3 : 2)}</span>}
      </dd>
    </div>
  );
  return (
    <>
      <dl className="cal-figures">
      {fit?.held_out_m != null && (
        <div>
          <dt>{t('calibrate.held_out')}</dt>
          <dd data-testid="cal-held-out">
            <strong>{t('calibrate.unit.m', { n: fit.held_out_m.toFixed(2) })}</strong>
          </dd>
        </div>
      )}
      {fit?.rms_px != null && (
        <div>
          <dt>{t('calibrate.rms')}</dt>
          <dd>{t('calibrate.unit.px', { n: fit.rms_px.toFixed(1) })}</dd>
        </div>
      )}
      {pose && row('yaw', `${pose.yaw_deg.toFixed(1)}°`)}
      {pose && row('pitch', `${pose.pitch_deg.toFixed(1)}°`)}
      {pose && row('roll', `${pose.roll_deg.toFixed(1)}°`)}
      {pose && row('hfov', `${pose.hfov_deg.toFixed(1)}°`)}
      {pose && row('height', t('calibrate.unit.m', { n: pose.height_m.toFixed(2) }))}
      {pose && (pose.k1 !== 0 || pose.k2 !== 0) && row('k1', pose.k1.toFixed(3))}
      {pose && pose.k2 !== 0 && row('k2', pose.k2.toFixed(3))}
      </dl>
      <p className="cal-spot" role="status">
        {spot?.ellipse && t('calibrate.spot', { m: spot.ellipse.major_m.toFixed(1) })}
        {spot && noPlace(shared, spot)}
      </p>
    </>
  );
}
