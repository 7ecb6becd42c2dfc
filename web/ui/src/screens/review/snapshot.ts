/** The picture on the screen as a file that says of what and when it is. */
import { day } from '../../i18n/format';

const digits = (n: number, width: number) => String(n).padStart(width, '0');

/** `cam-yard_2026-03-05_14-02-31.040+0800.png`: local time to the millisecond, with its zone. */
export function pictureName(code: string, atMs: number, zoneMinutes = -new Date(atMs).getTimezoneOffset()): string {
  const at = new Date(Math.floor(atMs));
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => digits(n, 2)).join('-');
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${digits(Math.floor(Math.abs(zoneMinutes) / 60), 2)}${digits(Math.abs(zoneMinutes) % 60, 2)}`;
  return `${code}_${day(at)}_${time}.${digits(at.getMilliseconds(), 3)}${zone}.png`;
}

/** Saves what the video shows, in its own size. Rejects while it shows nothing. */
export async function savePicture(video: HTMLVideoElement, name: string): Promise<void> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  if (!context || canvas.width === 0) throw new Error(`${name}: there is no picture to save yet`);
  context.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error(`${name}: the browser could not make a picture`);
  saveBlob(blob, name);
}

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
