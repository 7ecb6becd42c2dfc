import type { ReactNode } from 'react';
import type { Camera } from '../../../api/types';
import { useText } from '../../../i18n';
import type { Draft, Kind } from '../../../zones/draft';
import { clearDefault, rearmDefault, usesClasses, usesSize, type Limit } from '../../../zones/rules';
import { messages } from '../../../zones/text';
import { WeekGrid } from '../../../zones/WeekGrid';
import { Check, Field, TextField } from '../parts';
import { PresetField } from '../PresetField';

interface Props {
  draft: Draft;
  /** Whose picture it is drawn in; one that turns has presets. */
  camera: Camera | null;
  problems: Record<string, string>;
  onDraft: (draft: Draft) => void;
}

const CLASSES: readonly Kind[] = ['person', 'vehicle', 'other'];
const DIRECTIONS = ['both', 'left_to_right', 'right_to_left'] as const;
const rounded = (value: number) => String(Math.round(value * 100) / 100);
/** What holds where nothing is filled in. */
const own = (value: number | null) => (value === null ? '' : rounded(value));

/** What a zone asks for: only the numbers that its rule knows. */
export function ZoneForm({ draft, camera, problems, onDraft }: Props) {
  const t = messages.use();
  const shared = useText();
  const { rule } = draft;
  const set = (change: Partial<Draft>) => onDraft({ ...draft, ...change });
  const what = (limit: Limit) => `${shared(`rule_quantity.${limit.quantity}`)}${limit.unit ? ` (${limit.unit})` : ''}`;
  const speed = (limit: Limit, value: string) => (limit.unit === 'm/s' && Number(value) > 0 ? t('zones.kmh', { value: rounded(Number(value) * 3.6) }) : '');
  const threshold = Number(draft.threshold) || rule.threshold?.default || null;
  const over = clearDefault(rule, threshold);
  return (
    <div className="zn-form">
      <p className="muted">{t(`rules.does.${rule.rule}`)}</p>
      {rule.every_camera && <p className="muted">{t('zones.every_camera')}</p>}
      <TextField label={t('zones.name')} value={draft.name} required maxLength={100} problem={problems['name']} testid="zone-name" onChange={(name) => set({ name })} />
      <TextField label={t('zones.name_en')} value={draft.name_en} maxLength={100} onChange={(name_en) => set({ name_en })} />
      {usesClasses(rule) && (
        <Group label={t('zones.classes')}>
          {CLASSES.map((each) => (
            <Check
              key={each}
              label={t(`zones.class.${each}`)}
              checked={draft.classes.includes(each)}
              onChange={(on) => set({ classes: on ? [...draft.classes, each] : draft.classes.filter((one) => one !== each) })}
            />
          ))}
        </Group>
      )}
      {rule.draws === 'line' && (
        <Field label={t('zones.direction')}>
          <select className="input" value={draft.direction} onChange={(event) => set({ direction: event.target.value as Draft['direction'] })}>
            {DIRECTIONS.map((direction) => (
              <option key={direction} value={direction}>
                {t(`zones.direction.${direction}`)}
              </option>
            ))}
          </select>
        </Field>
      )}
      {rule.second === 'gauge' && (
        <div className="zn-two">
          <TextField label={t('zones.gauge_bottom')} type="number" value={draft.gauge[0]} problem={problems['gauge_m']} onChange={(value) => set({ gauge: [value, draft.gauge[1]] })} />
          <TextField label={t('zones.gauge_top')} type="number" value={draft.gauge[1]} onChange={(value) => set({ gauge: [draft.gauge[0], value] })} />
        </div>
      )}
      {rule.threshold && (
        <TextField
          label={t(rule.over === 'below' ? 'zones.threshold_below' : 'zones.threshold', { what: what(rule.threshold) })}
          hint={speed(rule.threshold, draft.threshold || own(rule.threshold.default))}
          type="number"
          value={draft.threshold}
          placeholder={own(rule.threshold.default)}
          problem={problems['threshold']}
          testid="zone-threshold"
          onChange={(value) => set({ threshold: value })}
        />
      )}
      {rule.clear && (
        <TextField
          label={t('zones.clear', { what: what(rule.clear) })}
          hint={speed(rule.clear, draft.clear || own(over))}
          type="number"
          value={draft.clear}
          placeholder={own(over)}
          testid="zone-clear"
          problem={problems['clear']}
          onChange={(clear) => set({ clear })}
        />
      )}
      {rule.dwell && (
        <TextField
          label={t('zones.dwell', { what: shared(`rule_dwell.${rule.dwell}`) })}
          type="number"
          value={draft.dwell_s}
          placeholder={own(rule.dwell_s)}
          problem={problems['dwell_s']}
          testid="zone-dwell"
          onChange={(dwell_s) => set({ dwell_s })}
        />
      )}
      {usesSize(rule) && (
        <TextField label={t('zones.min_size')} hint={t('zones.min_size_hint')} type="number" value={draft.min_size_m} placeholder="0" problem={problems['min_size_m']} onChange={(min_size_m) => set({ min_size_m })} />
      )}
      <div className="zn-two">
        <Field label={t('zones.priority')}>
          <select className="input" value={draft.priority} onChange={(event) => set({ priority: Number(event.target.value) as Draft['priority'] })}>
            {([1, 2, 3, 4] as const).map((priority) => (
              <option key={priority} value={priority}>
                P{priority} {shared(`priority.${priority}`)}
              </option>
            ))}
          </select>
        </Field>
        <TextField label={t('zones.rearm')} type="number" value={draft.rearm_s} placeholder={own(rearmDefault(rule))} problem={problems['rearm_s']} onChange={(rearm_s) => set({ rearm_s })} />
      </div>
      {camera?.ptz && (
        <PresetField
          camera={camera}
          label={t('zones.preset')}
          hint={t('zones.preset_hint')}
          none={t('zones.preset_none')}
          value={draft.preset}
          problem={problems['preset']}
          testid="zone-preset"
          onChange={(preset) => set({ preset })}
        />
      )}
      <Group label={t('zones.schedule')}>
        <WeekGrid value={draft.schedule} onChange={(schedule) => set({ schedule })} />
      </Group>
      <Check label={t('zones.armed')} checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
    </div>
  );
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className="zn-group">
      <legend className="label">{label}</legend>
      {children}
    </fieldset>
  );
}
