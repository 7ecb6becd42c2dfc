import { useEffect, useRef, useState } from 'react';
import { useServerNow } from '../feed/clock';
import { useText } from '../i18n';
import { age } from '../i18n/format';
import { EVERY_S, mosaic } from './mosaic';
import { useVisible } from './useVisible';

/** Older than this a slow picture says its age. */
const OLD_MS = 3 * EVERY_S * 1000;

/** A camera's picture every two seconds, while it can be seen. It is marked, so that nobody takes it for live. */
export function SlowPicture({ camera, quiet }: { camera: number; quiet?: boolean }) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const visible = useVisible(canvas);
  const [at, setAt] = useState<number | null>(null);
  useServerNow();
  useEffect(() => {
    if (!visible) return;
    return mosaic.watch(camera, (cell) => {
      const node = canvas.current;
      if (!node) return;
      if (node.width !== cell.width) node.width = cell.width;
      if (node.height !== cell.height) node.height = cell.height;
      node.getContext('2d')?.drawImage(cell.bitmap, cell.x, cell.y, cell.width, cell.height, 0, 0, cell.width, cell.height);
      setAt(cell.at);
    });
  }, [camera, visible]);
  const old_ms = at === null ? 0 : Date.now() - at;
  const old = old_ms > OLD_MS;
  return (
    <>
      <canvas ref={canvas} className="live-picture" data-testid="slow-picture" data-old={old || undefined} />
      {(old || !quiet) && <span className="live-slow">{old ? t('live.snapshot_at', { age: age(old_ms / 1000) }) : t('live.slow', { s: EVERY_S })}</span>}
    </>
  );
}
