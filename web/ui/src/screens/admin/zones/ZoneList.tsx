import { Copy, Map as MapIcon, Pencil, Trash2 } from 'lucide-react';
import type { Camera, Zone } from '../../../api/types';
import { Empty, PriorityMark } from '../../../components/small';
import { named, useText } from '../../../i18n';
import type { Noise } from '../../../zones/api';
import { ruleIcon } from '../../../zones/icons';
import { messages } from '../../../zones/text';
import { presetOf, type Span } from '../../../zones/week';
import { RateText } from '../noise/RateText';
import { Check } from '../parts';
import { messages as adminMessages } from '../text';

interface Props {
  zones: readonly Zone[];
  noise: readonly Noise[];
  cameras: readonly Camera[];
  onEdit: (zone: Zone) => void;
  onCopy: (zone: Zone, camera: number | null) => void;
  onEnabled: (zone: Zone, enabled: boolean) => void;
  onRemove: (zone: Zone) => void;
}

/** The zones of a camera, or those on the map. */
export function ZoneList({ zones, noise, cameras, onEdit, onCopy, onEnabled, onRemove }: Props) {
  const t = messages.use();
  const shared = useText();
  const words = adminMessages.use();
  if (zones.length === 0) return <Empty title={t('zones.empty')}>{t('zones.empty_hint')}</Empty>;
  return (
    <ul className="ad-list zn-list" data-testid="zone-list">
      {zones.map((zone) => {
        const Icon = ruleIcon(zone.rule);
        const rates = noise.filter((row) => row.zone_id === zone.id);
        const preset = presetOf(zone.schedule as Span[]);
        return (
          <li key={zone.id} data-zone-id={zone.id}>
            <Icon size={18} aria-hidden />
            <div>
              <PriorityMark priority={zone.priority} /> <strong>{named(t.language, zone)}</strong>
              {zone.camera_id === null && (
                <span className="zn-badge">
                  <MapIcon size={12} aria-hidden /> {t('zones.map_mark')}
                </span>
              )}
              <p className="muted">
                {[shared(`alarm_kind.${zone.rule}`), preset === 'always' ? null : preset ? t(`zones.preset_week.${preset}`) : t('zones.schedule'), zone.preset && `${t('zones.preset')} ${zone.preset}`].filter(Boolean).join(' · ')}
              </p>
              {rates.length > 0 && <RateText rows={rates} />}
            </div>
            <Check label={t('zones.armed')} checked={zone.enabled} onChange={(enabled) => onEnabled(zone, enabled)} />
            <span className="zn-acts">
              <button type="button" className="button small" data-testid="zone-edit" onClick={() => onEdit(zone)}>
                <Pencil size={14} aria-hidden />
                {words('admin.edit')}
              </button>
              <label className="button small zn-copy">
                <Copy size={14} aria-hidden />
                <span>{t('zones.copy')}</span>
                <select
                  aria-label={`${t('zones.copy_to')} ${named(t.language, zone)}`}
                  value=""
                  onChange={(event) => onCopy(zone, event.target.value === 'map' ? null : Number(event.target.value))}
                >
                  <option value="" disabled>
                    {t('zones.copy_to')}
                  </option>
                  {zone.camera_id === null ? (
                    <option value="map">{t('zones.on_map')}</option>
                  ) : (
                    cameras.map((camera) => (
                      <option key={camera.id} value={camera.id}>
                        {camera.code} {named(t.language, camera)}
                      </option>
                    ))
                  )}
                </select>
              </label>
              <button
                type="button"
                className="button quiet icon small"
                aria-label={`${t('zones.remove')} ${zone.name}`}
                title={t('zones.remove')}
                onClick={() => confirm(t('zones.remove_sure', { name: named(t.language, zone) })) && onRemove(zone)}
              >
                <Trash2 size={16} aria-hidden />
              </button>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
