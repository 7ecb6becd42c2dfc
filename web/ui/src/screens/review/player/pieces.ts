/** A camera's recording as pieces on the time line: one per fragment (a GOP), where its bytes lie, when it shows. Pure. */

/** Recordings count their decode time from here, so that media time is wall time (`ingest/fmp4.py: MEDIA_EPOCH`). */
export const MEDIA_EPOCH_MS = Date.UTC(2020, 0, 1);
const TICKS_PER_MS = 90;

/** One row of the index: offset, bytes of the video part, bytes of the whole, start after the file's start and duration (1/90000 s). */
export type IndexFragment = readonly [offset: number, videoBytes: number, bytes: number, start_90k: number, duration_90k: number];

export interface IndexFile {
  id: number;
  start_at: string;
  codec: string;
  width_px: number;
  height_px: number;
  init_bytes: number;
  audio: string | null;
  /** Places in `fragments` that go on with the group of pictures of the one before: nothing can start there. */
  parts: readonly number[];
  fragments: readonly IndexFragment[];
}

export interface Piece {
  /** Tells pieces apart over several loads of the index. */
  key: string;
  fileId: number;
  /** RFC 6381, e.g. `avc1.640028`. */
  codec: string;
  audio: boolean;
  /** Where its video lies in the file: offset and length, one for each fragment of the group of pictures. */
  video: readonly (readonly [offset: number, bytes: number])[];
  /** From its beginning to the beginning of what follows it in the file. */
  offset: number;
  bytes: number;
  startMs: number;
  endMs: number;
}

/** A hole this short between two pieces is jitter of the camera's clock, no gap. */
export const JOIN_MS = 500;

export const toMediaS = (atMs: number): number => (atMs - MEDIA_EPOCH_MS) / 1000;
export const fromMediaS = (media_s: number): number => MEDIA_EPOCH_MS + media_s * 1000;

/** All pieces by their start. Fragments of one group of pictures are one piece: it is fetched and shown whole. */
export function piecesOf(files: readonly IndexFile[]): Piece[] {
  return files.flatMap(ofFile).sort((a, b) => a.startMs - b.startMs);
}

function ofFile(file: IndexFile): Piece[] {
  const baseMs = Date.parse(file.start_at);
  const goesOn = new Set(file.parts);
  const out: Piece[] = [];
  file.fragments.forEach(([offset, videoBytes, bytes, start_90k, duration_90k], place) => {
    const endMs = baseMs + (start_90k + duration_90k) / TICKS_PER_MS;
    const before = out[out.length - 1];
    if (before && goesOn.has(place)) {
      out[out.length - 1] = { ...before, video: [...before.video, [offset, videoBytes]], bytes: offset + bytes - before.offset, endMs };
      return;
    }
    const startMs = baseMs + start_90k / TICKS_PER_MS;
    const audio = file.audio !== null;
    out.push({ key: `${file.id}:${offset}`, fileId: file.id, codec: file.codec, audio, video: [[offset, videoBytes]], offset, bytes, startMs, endMs });
  });
  return out;
}

/** Index of the last piece that starts at or before `atMs`; -1 where none does. */
export function lastBefore(pieces: readonly Piece[], atMs: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle] as Piece).startMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The piece that shows `atMs`; a hole of at most `JOIN_MS` is bridged by the piece before it. Null in a gap. */
export function pieceAt(pieces: readonly Piece[], atMs: number): Piece | null {
  const index = lastBefore(pieces, atMs);
  const found = pieces[index];
  if (!found) return null;
  if (atMs < found.endMs) return found;
  const next = pieces[index + 1];
  return next && next.startMs - found.endMs <= JOIN_MS ? found : null;
}

export interface Hole {
  /** End of what was recorded before; null: nothing known before. */
  fromMs: number | null;
  /** Start of what was recorded after; null: nothing known after. */
  toMs: number | null;
}

/** What surrounds a moment at which nothing was recorded. */
export function holeAt(pieces: readonly Piece[], atMs: number): Hole {
  const index = lastBefore(pieces, atMs);
  return { fromMs: pieces[index]?.endMs ?? null, toMs: pieces[index + 1]?.startMs ?? null };
}
