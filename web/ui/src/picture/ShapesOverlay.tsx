import { useLayoutEffect, useRef, useState } from 'react';
import type { Camera } from '../api/types';
import './picture.css';
import { ShapeMarks } from './ShapeMarks';
import type { Shape } from './shapes';
import { place, type Box } from './view';

interface Props {
  camera: Camera;
  shapes: readonly Shape[];
  /** Shown while the pointer is over a shape. */
  titles?: Record<string, string>;
}

/** Shapes over a picture that fits itself into its box, such as a live player's; nothing to change, names on hover. */
export function ShapesOverlay({ camera, shapes, titles = {} }: Props) {
  const node = useRef<SVGSVGElement>(null);
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    const element = node.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const aspect = camera.width_px && camera.height_px ? camera.width_px / camera.height_px : 16 / 9;
  const rect = box && box.width > 0 && box.height > 0 ? place(box, aspect) : null;
  return (
    <svg ref={node} className="picture-overlay" data-testid="shapes-overlay">
      {rect &&
        shapes.map((shape) => (
          <g key={shape.id} className="picture-over">
            <title>{titles[shape.id] ?? shape.label ?? ''}</title>
            <ShapeMarks shape={shape} rect={rect} />
          </g>
        ))}
    </svg>
  );
}
