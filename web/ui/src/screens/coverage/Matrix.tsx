import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { CoverageCamera, CoverageDay } from '../../api/footage';
import type { Camera } from '../../api/types';
import { named } from '../../i18n';
import { day as dayText } from '../../i18n/format';
import { neighbour, percentText, shapeOf, sum } from './figures';
import { messages } from './text';

export interface Chosen {
  cameraId: number;
  /** Local date, `2026-03-05`. */
  day: string;
}

interface Props {
  cameras: readonly Camera[];
  days: readonly number[];
  coverage: readonly CoverageCamera[];
  chosen: Chosen | null;
  onChosen: (chosen: Chosen) => void;
}

/** Camera by day: the share as a figure, as a bar and as a pattern. Arrow keys walk through it. */
export function Matrix({ cameras, days, coverage, chosen, onChosen }: Props) {
  const t = messages.use();
  const table = useRef<HTMLTableElement>(null);
  const box = useRef<HTMLDivElement>(null);
  // Where not all days fit, the newest are the ones in sight.
  useEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.scrollWidth;
  }, [days.length]);
  const names = days.map((each) => dayText(each));
  const at = chosen ? [cameras.findIndex((camera) => camera.id === chosen.cameraId), names.indexOf(chosen.day)] : [0, names.length - 1];
  const [focusRow, focusColumn] = [Math.max(0, at[0] ?? 0), Math.max(0, at[1] ?? 0)];

  const onKey = (event: KeyboardEvent, row: number, column: number) => {
    const next = neighbour(event.key, row, column, cameras.length, names.length);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    table.current?.querySelector<HTMLElement>(`[data-cell="${next[0]}/${next[1]}"]`)?.focus();
  };

  return (
    <>
      <div ref={box} className="cv-scroll">
        <table ref={table} className="cv-matrix" data-testid="coverage-matrix">
          <thead>
            <tr>
              <th scope="col">{t('coverage.camera')}</th>
              {days.map((each) => (
                <th key={each} scope="col">
                  {dayText(each).slice(5)}
                </th>
              ))}
              <th scope="col">Σ</th>
            </tr>
          </thead>
          <tbody>
            {cameras.map((camera, row) => {
              const found = coverage.find((each) => each.camera_id === camera.id);
              const whole = sum(found?.days ?? []).percent;
              return (
                <tr key={camera.id}>
                  <th scope="row">
                    <span className="ellipsis">{named(t.language, camera)}</span>
                  </th>
                  {names.map((name, column) => {
                    const cell = found?.days.find((each) => each.day === name);
                    const isChosen = chosen?.cameraId === camera.id && chosen.day === name;
                    return (
                      <td key={name}>
                        <button
                          type="button"
                          className="cv-cell"
                          data-cell={`${row}/${column}`}
                          data-testid="coverage-cell"
                          data-shape={shapeOf(cell?.percent ?? null)}
                          aria-pressed={isChosen}
                          aria-label={label(t, named(t.language, camera), name, cell)}
                          tabIndex={row === focusRow && column === focusColumn ? 0 : -1}
                          onKeyDown={(event) => onKey(event, row, column)}
                          onClick={() => onChosen({ cameraId: camera.id, day: name })}
                        >
                          <span className="cv-figure">{cell?.percent === null || !cell ? '–' : <Percent of={cell.percent} />}</span>
                          <span className="cv-bar" aria-hidden>
                            <span style={{ width: `${cell?.percent ?? 0}%` }} />
                          </span>
                        </button>
                      </td>
                    );
                  })}
                  <td className="cv-sum">{whole === null ? '–' : <Percent of={whole} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="cv-legend muted" aria-hidden>
        {(['whole', 'most', 'part', 'none', 'unknown'] as const).map((shape) => (
          <span key={shape} data-shape={shape}>
            <i className="cv-bar">
              <span style={{ width: { whole: '100%', most: '96%', part: '50%', none: '0%', unknown: '0%' }[shape] }} />
            </i>
            {t(`coverage.shape.${shape}`)}
          </span>
        ))}
      </p>
    </>
  );
}

/** A figure is never without its unit; the unit is quieter than the figure. */
function Percent({ of }: { of: number }) {
  return (
    <>
      {percentText(of)}
      <small className="cv-unit"> %</small>
    </>
  );
}

function label(t: ReturnType<typeof messages.use>, camera: string, day: string, cell: CoverageDay | undefined): string {
  if (!cell || cell.percent === null) return t('coverage.cell_unknown', { camera, day });
  return t('coverage.cell', { camera, day, percent: percentText(cell.percent), n: cell.gaps.length });
}
