import { useEffect, useState } from 'react';
import { ptz as ptzRoutes } from '../../api/endpoints';
import type { Camera, Ptz } from '../../api/types';
import { useLanguage } from '../../i18n';
import { sentence } from '../../said';
import { Field } from './parts';

interface Props {
  camera: Camera;
  label: string;
  hint?: string;
  /** What it means that none is chosen. */
  none: string;
  /** The preset's token, empty for none. */
  value: string;
  problem: string | undefined;
  testid?: string;
  onChange: (token: string) => void;
}

/** One of the presets that a camera has, by its name; one that the device does not tell of keeps its token. */
export function PresetField({ camera, label, hint, none, value, problem, testid, onChange }: Props) {
  const language = useLanguage();
  const [ptz, setPtz] = useState<Ptz | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    ptzRoutes.read(camera.id).then(
      (found) => {
        if (gone) return;
        setPtz(found);
        setFailed(null);
      },
      (error: unknown) => !gone && setFailed(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      gone = true;
    };
  }, [camera.id]);
  const missing = ptz?.message ? sentence(language, ptz.message, ptz.why) : undefined;
  const presets = ptz?.presets ?? [];
  const unknown = value !== '' && !presets.some((preset) => preset.token === value);
  return (
    <Field label={label} problem={problem ?? missing ?? failed ?? undefined} {...(hint ? { hint } : {})}>
      <select className="input" value={value} data-testid={testid} onChange={(event) => onChange(event.target.value)}>
        <option value="">{none}</option>
        {unknown && <option value={value}>{value}</option>}
        {presets.map((preset) => (
          <option key={preset.token} value={preset.token}>
            {preset.name}
          </option>
        ))}
      </select>
    </Field>
  );
}
