import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { cameras } from '../api/endpoints';
import type { Camera } from '../api/types';
import { named } from '../i18n';
import { LivePlayer } from '../live/LivePlayer';
import { useVisible } from '../live/useVisible';
import './picture.css';
import { messages } from './text';
import { place, WHOLE, type Box, type Rect, type View } from './view';

const REFRESH_MS = 5000;

export interface Placed {
  box: Box;
  /** Width by height of the picture. */
  aspect: number;
  /** Where the picture lies in the box, CSS pixels. */
  rect: Rect;
}

interface Props {
  camera: Camera;
  /** `still` is the newest picture, a new one every five seconds; an address is that picture. */
  source?: 'still' | 'live' | { url: string };
  view?: View;
  /** Told whenever the box or the picture's form changes. */
  onPlaced?: (placed: Placed) => void;
  /** Drawn over the picture, in CSS pixels of the box. */
  children?: (placed: Placed) => ReactNode;
}

/** A camera's picture, whole or enlarged, and what is drawn over it. Fills its parent's width in its own form. */
export function PictureFrame({ camera, source = 'still', view = WHOLE, onPlaced, children }: Props) {
  const t = messages.use();
  const node = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Box | null>(null);
  const [seen, setSeen] = useState<number | null>(null);
  const [missing, setMissing] = useState(false);
  const aspect = seen ?? (camera.width_px && camera.height_px ? camera.width_px / camera.height_px : 16 / 9);

  useLayoutEffect(() => {
    const element = node.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    setSeen(null);
    setMissing(false);
  }, [camera.id]);

  useEffect(() => {
    // What is really shown says its form: the camera may have been changed since its row was written.
    const element = node.current;
    if (!element) return;
    const sized = ({ target }: Event) => {
      const [width, height] =
        target instanceof HTMLVideoElement ? [target.videoWidth, target.videoHeight] : target instanceof HTMLImageElement ? [target.naturalWidth, target.naturalHeight] : [0, 0];
      if (width > 1 && height > 1) setSeen(width / height);
    };
    const names = ['load', 'loadedmetadata', 'resize'];
    names.forEach((name) => element.addEventListener(name, sized, true));
    return () => names.forEach((name) => element.removeEventListener(name, sized, true));
  }, []);

  const usable = box && box.width > 0 && box.height > 0;
  const placed = usable ? { box, aspect, rect: place(box, aspect, view) } : null;
  const told = useRef(onPlaced);
  told.current = onPlaced;
  useEffect(() => {
    if (placed) told.current?.(placed);
  }, [box, aspect, view]);

  return (
    <div className="picture" ref={node} style={{ aspectRatio: String(aspect) }}>
      {placed && (
        <div
          className="picture-stage"
          style={{ left: placed.rect.left, top: placed.rect.top, width: placed.rect.width, height: placed.rect.height }}
        >
          {source === 'live' ? (
            <LivePlayer camera={camera} plain />
          ) : source === 'still' ? (
            <Still key={camera.id} camera={camera} onMissing={setMissing} />
          ) : (
            <img src={source.url} alt={named(t.language, camera)} draggable={false} onError={() => setMissing(true)} />
          )}
        </div>
      )}
      {source !== 'live' && missing && <p className="picture-none">{t('picture.none', { name: named(t.language, camera) })}</p>}
      {placed && children?.(placed)}
    </div>
  );
}

/** The newest picture; the one before stands until the next is there. */
function Still({ camera, onMissing }: { camera: Camera; onMissing: (missing: boolean) => void }) {
  const t = messages.use();
  const image = useRef<HTMLImageElement>(null);
  const visible = useVisible(image);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!visible) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const next = () => {
      const address = cameras.snapshotUrl(camera.id, Date.now());
      const loading = new Image();
      const again = () => {
        if (!gone) timer = setTimeout(next, REFRESH_MS);
      };
      loading.onload = () => {
        if (!gone) {
          setUrl(address);
          onMissing(false);
        }
        again();
      };
      loading.onerror = () => {
        if (!gone) onMissing(true);
        again();
      };
      loading.src = address;
    };
    next();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [camera.id, visible]);
  return <img ref={image} src={url ?? undefined} alt={named(t.language, camera)} draggable={false} />;
}
