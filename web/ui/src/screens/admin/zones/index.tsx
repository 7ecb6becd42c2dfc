import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { admin } from '../../../api/endpoints';
import type { Zone } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty } from '../../../components/small';
import { useFeed, useRows } from '../../../feed';
import { named, useText } from '../../../i18n';
import { PictureFrame, ShapeMarks } from '../../../picture';
import { noiseApi, zonesApi, type Ignored, type Noise, type Outline } from '../../../zones/api';
import { copyOf, draftOf, fresh, type Draft } from '../../../zones/draft';
import { firstCamera } from '../../../zones/firstCamera';
import type { Rule } from '../../../zones/rules';
import { ignoredShapes, shapesOf } from '../../../zones/shapes';
import { messages } from '../../../zones/text';
import { ZonesMap } from '../../../zones/ZonesMap';
import '../../../zones/zones.css';
import { messages as adminMessages } from '../text';
import { RulePicker } from './RulePicker';
import { ZoneEditor } from './ZoneEditor';
import { ZoneList } from './ZoneList';

type Place = number | 'map';

/** Zones: what each camera watches for, and what is watched wherever it is seen. */
export function ZonesTab() {
  const t = messages.use();
  const words = adminMessages.use();
  const shared = useText();
  const cameras = [...useRows(useFeed().cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const asked = new URLSearchParams(location.search).get('camera');
  const [wanted, setWanted] = useState<Place | null>(asked === 'map' ? 'map' : Number(asked) || null);
  const [zones, setZones] = useState<Zone[]>([]);
  const [outlines, setOutlines] = useState<Outline[]>([]);
  const [ignored, setIgnored] = useState<Ignored[]>([]);
  const [noise, setNoise] = useState<Noise[]>([]);
  const [rules, setRules] = useState<Rule[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [picking, setPicking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const camera = wanted === 'map' ? null : (firstCamera(cameras, wanted) ?? null);
  const place: Place | null = wanted === 'map' ? 'map' : (camera?.id ?? null);

  const load = async (): Promise<Zone[]> => {
    // Each as it comes: the list does not wait for what is drawn on the map or for the rates.
    const failed = (problem: unknown) => setError(problem);
    zonesApi.outlines().then(setOutlines).catch(failed);
    zonesApi.ignored(null).then(setIgnored).catch(failed);
    noiseApi.list().then(setNoise).catch(failed);
    try {
      const [all, every] = await Promise.all([admin.zones(null), zonesApi.rules()]);
      setZones(all);
      setRules(every);
      return all;
    } catch (problem) {
      setError(problem);
      return [];
    }
  };
  useEffect(() => void load(), []);
  useEffect(() => {
    setDraft(null);
    setPicking(false);
    setError(null);
  }, [place]);

  if (cameras.length === 0) return <Empty title={words('camera.empty')}>{words('camera.empty_hint')}</Empty>;
  const here = zones.filter((zone) => (place === 'map' ? zone.camera_id === null : zone.camera_id === place || outlines.some((row) => row.zone_id === zone.id && row.camera_id === place)));
  const ruleOf = (zone: Zone) => rules.find((rule) => rule.rule === zone.rule);
  const edit = (zone: Zone) => {
    const rule = ruleOf(zone);
    if (rule) setDraft(draftOf(zone, rule));
  };
  const attempt = async (work: () => Promise<unknown>) => {
    setError(null);
    try {
      await work();
      await load();
    } catch (problem) {
      setError(problem);
    }
  };
  const title = (zone: Zone) => named(t.language, zone);
  const others = camera ? shapesOf(camera.id, here.filter((zone) => zone.id !== draft?.of?.id), outlines, title) : [];

  return (
    <div className="zn" data-testid="zones">
      <div className="ad-head">
        <select className="input" aria-label={t('zones.place')} data-testid="zone-place" value={place ?? ''} onChange={(event) => setWanted(event.target.value === 'map' ? 'map' : Number(event.target.value))}>
          <option value="map">{t('zones.on_map')}</option>
          {cameras.map((each) => (
            <option key={each.id} value={each.id}>
              {each.code} {named(t.language, each)}
            </option>
          ))}
        </select>
        {!draft && (
          <button type="button" className="button primary" aria-expanded={picking} data-testid="zone-new" onClick={() => setPicking(!picking)}>
            <Plus size={16} aria-hidden />
            {t('zones.new')}
          </button>
        )}
      </div>
      {error !== null && <ErrorNotice error={error} onReload={() => void load()} onDismiss={() => setError(null)} />}
      {draft ? (
        <ZoneEditor
          draft={draft}
          onDraft={setDraft}
          camera={camera}
          cameras={cameras}
          others={others}
          ignored={camera ? ignored.filter((area) => area.camera_id === camera.id) : []}
          onSaved={(zone) => {
            const rule = ruleOf(zone);
            if (rule) setDraft(draftOf(zone, rule));
            void load();
          }}
          onReload={() =>
            void load().then((all) => {
              const now = all.find((zone) => zone.id === draft.of?.id);
              const rule = now && ruleOf(now);
              setDraft(now && rule ? draftOf(now, rule) : null);
            })
          }
        />
      ) : picking ? (
        <RulePicker
          rules={rules}
          onMap={place === 'map'}
          onPick={(rule) => {
            setPicking(false);
            setDraft({ ...fresh(rule, place === 'map' ? null : place), name: rule.every_camera ? shared(`alarm_kind.${rule.rule}`) : '' });
          }}
        />
      ) : (
        <div className="zn-editor">
          <div className="zn-canvas">
            {!camera && <ZonesMap zones={here} cameras={cameras} onPick={edit} />}
            {camera && (
              <PictureFrame camera={camera}>
                {({ box, rect }) => (
                  <svg className="picture-canvas" width={box.width} height={box.height}>
                    {[...others, ...ignoredShapes(ignored.filter((area) => area.camera_id === camera.id))].map((shape) => (
                      <ShapeMarks
                        key={shape.id}
                        shape={shape}
                        rect={rect}
                        onPick={() => {
                          const zone = zones.find((each) => each.id === Number(shape.id.split(':')[0]));
                          if (zone) edit(zone);
                        }}
                      />
                    ))}
                  </svg>
                )}
              </PictureFrame>
            )}
          </div>
          <div className="zn-side">
            <ZoneList
              zones={here}
              noise={noise.filter((row) => place === 'map' || row.camera_id === place)}
              cameras={cameras}
              onEdit={edit}
              onCopy={(zone, to) => {
                const rule = ruleOf(zone);
                if (!rule) return;
                const copy = copyOf(zone, rule, to, t('zones.copy_name', { name: zone.name }));
                setWanted(to ?? 'map');
                // After the place has changed, which closes what was open.
                setTimeout(() => setDraft(copy), 0);
              }}
              onEnabled={(zone, enabled) => void attempt(() => admin.changeZone(zone, { enabled }))}
              onRemove={(zone) => void attempt(() => admin.removeZone(zone))}
            />
          </div>
        </div>
      )}
    </div>
  );
}
