import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { consoleState, keep, type Sizes } from './state';

interface Props {
  name: keyof Sizes;
  /** Which way a larger number grows: the pointer's x to the right (1) or left (-1), or its y upwards (-1). */
  sign: 1 | -1;
  axis: 'x' | 'y';
  least: number;
  most: number;
  label: string;
}

const KEY_STEP_PX = 16;

/** The line between two panels: drag it, or focus it and use the arrows. The size is remembered. */
export function Resizer({ name, sign, axis, least, most, label }: Props) {
  const start = useRef<{ at: number; size: number } | null>(null);
  const size = consoleState.use((state) => state.sizes[name]);
  const at = (event: PointerEvent) => (axis === 'x' ? event.clientX : event.clientY);
  const set = (value: number) => keep({ sizes: { ...consoleState.get().sizes, [name]: Math.round(Math.min(most, Math.max(least, value))) } });
  const onKey = (event: KeyboardEvent) => {
    const more = axis === 'x' ? 'ArrowRight' : 'ArrowDown';
    const less = axis === 'x' ? 'ArrowLeft' : 'ArrowUp';
    if (event.key !== more && event.key !== less) return;
    event.preventDefault();
    event.stopPropagation();
    set(size + (event.key === more ? sign : -sign) * KEY_STEP_PX);
  };
  return (
    <div
      className={`resizer resizer-${axis}`}
      role="separator"
      tabIndex={0}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-label={label}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: at(event), size };
      }}
      onPointerMove={(event) => start.current && set(start.current.size + sign * (at(event) - start.current.at))}
      onPointerUp={() => {
        start.current = null;
      }}
    />
  );
}
