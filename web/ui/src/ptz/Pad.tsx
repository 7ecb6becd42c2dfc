import { Minus, Plus } from 'lucide-react';
import { useRef, useState, type PointerEvent } from 'react';
import { messages } from './text';
import { padVector, REST, type Vector } from './vector';

interface Props {
  disabled: boolean;
  zoomOnly: boolean;
  onWant: (vector: Vector) => void;
}

/** A pad to hold and push, and two buttons to zoom while held. It stops when the finger leaves it in any way. */
export function Pad({ disabled, zoomOnly, onWant }: Props) {
  const t = messages.use();
  const pad = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);

  const push = (event: PointerEvent<HTMLDivElement>) => {
    const box = pad.current?.getBoundingClientRect();
    if (!box) return;
    const dx = (event.clientX - box.left - box.width / 2) / (box.width / 2);
    const dy = (event.clientY - box.top - box.height / 2) / (box.height / 2);
    const far = Math.max(1, Math.hypot(dx, dy));
    setAt({ x: dx / far, y: dy / far });
    onWant(padVector(dx, dy));
  };
  const leave = () => {
    setAt(null);
    onWant(REST);
  };
  const zoom = (direction: 1 | -1) => ({
    onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
      if (disabled) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      onWant({ pan: 0, tilt: 0, zoom: direction * 0.6 });
    },
    onPointerUp: leave,
    onLostPointerCapture: leave,
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(),
  });

  return (
    <div className="ptz-hand">
      {!zoomOnly && (
        <div
          ref={pad}
          className="ptz-pad"
          role="application"
          aria-label={t('pad.label')}
          aria-disabled={disabled || undefined}
          data-testid="ptz-pad"
          data-held={at !== null || undefined}
          onPointerDown={(event) => {
            if (disabled || event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            push(event);
          }}
          onPointerMove={(event) => at !== null && push(event)}
          onPointerUp={leave}
          onLostPointerCapture={leave}
          onContextMenu={(event) => event.preventDefault()}
        >
          <i style={{ transform: `translate(${(at?.x ?? 0) * 40}px, ${(at?.y ?? 0) * 40}px)` }} aria-hidden />
        </div>
      )}
      <span className="ptz-zoom">
        <button type="button" className="button icon" disabled={disabled} aria-label={t('zoom.in')} title={`${t('zoom.in')} (+)`} {...zoom(1)}>
          <Plus size={18} aria-hidden />
        </button>
        <button type="button" className="button icon" disabled={disabled} aria-label={t('zoom.out')} title={`${t('zoom.out')} (−)`} {...zoom(-1)}>
          <Minus size={18} aria-hidden />
        </button>
      </span>
    </div>
  );
}
