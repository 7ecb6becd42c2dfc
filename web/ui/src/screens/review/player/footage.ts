/** Where the player's bytes come from: the index, byte ranges of the files, key frames, and what is converted on demand. */
import { ApiError } from '../../../api/client';
import { recordings } from '../../../api/endpoints';
import { BoxSplitter, timescaleOf, timesOf, type FragmentTimes } from './boxes';
import type { KeyWindow } from './keyFrames';
import { piecesOf, type Piece } from './pieces';

export interface Part {
  /** `ftyp` and `moov`, before everything; else a fragment. */
  init: boolean;
  bytes: Uint8Array;
  timescale: number;
  /** Of a fragment. */
  times: FragmentTimes | null;
}

const iso = (ms: number) => new Date(ms).toISOString();

export async function index(cameraId: number, fromMs: number, toMs: number, signal: AbortSignal): Promise<Piece[]> {
  try {
    const found = await recordings.index(cameraId, iso(fromMs), iso(toMs), signal);
    return piecesOf(found.files);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []; // nothing was recorded then
    throw error;
  }
}

const inits = new Map<number, Promise<Uint8Array>>();
const MOST_INITS = 400;

/** The beginning of a file, for its video alone. Files never change theirs, so it is fetched once. */
export function initOf(fileId: number): Promise<Uint8Array> {
  let held = inits.get(fileId);
  if (!held) {
    if (inits.size >= MOST_INITS) inits.clear();
    held = recordings.init(fileId).then((answer) => answer.arrayBuffer()).then((buffer) => new Uint8Array(buffer));
    held.catch(() => inits.delete(fileId));
    inits.set(fileId, held);
  }
  return held;
}

/** The video of pieces that lie one after another in one file, fragment by fragment, by one request. */
export async function videoOf(run: readonly Piece[], signal: AbortSignal): Promise<Uint8Array[][]> {
  const first = run[0] as Piece;
  const [lastOffset, lastBytes] = (run[run.length - 1] as Piece).video.at(-1) as readonly [number, number];
  const end = lastOffset + lastBytes;
  const answer = await recordings.segment(first.fileId, first.offset, end, signal);
  const all = new Uint8Array(await answer.arrayBuffer());
  if (answer.status !== 206 || all.length !== end - first.offset) {
    throw new Error(`recording ${first.fileId}: bytes ${first.offset} to ${end - 1} were asked for, ${all.length} came (${answer.status})`);
  }
  return run.map((piece) => piece.video.map(([offset, bytes]) => all.subarray(offset - first.offset, offset - first.offset + bytes)));
}

export const keys = (cameraId: number, { fromMs, toMs, step_s }: KeyWindow, signal: AbortSignal) =>
  recordings.keys(cameraId, iso(fromMs), iso(toMs), step_s, signal).then(parts);
export const transcoded = (cameraId: number, fromMs: number, toMs: number, signal: AbortSignal) =>
  recordings.transcoded(cameraId, iso(fromMs), iso(toMs), signal).then(parts);

/** Sound, and the MIME type of its stream: AAC, or Opus where the camera sent that. Null where there is none. */
export async function audio(cameraId: number, fromMs: number, toMs: number, signal: AbortSignal): Promise<{ mime: string; parts: AsyncIterable<Part> } | null> {
  try {
    const answer = await recordings.audio(cameraId, iso(fromMs), iso(toMs), signal);
    return { mime: answer.headers.get('content-type') ?? '', parts: parts(answer) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** A stream of fragmented MP4 while it arrives. Each fragment is handed over whole: `moof` with its `mdat`. */
async function* parts(answer: Response): AsyncGenerator<Part> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  const splitter = new BoxSplitter();
  let head: Uint8Array[] = [];
  let timescale = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const box of splitter.push(value)) {
      if (box.type === 'ftyp' || box.type === 'moof') head = [box.bytes];
      else head.push(box.bytes);
      if (box.type === 'moov') {
        timescale = timescaleOf(box.bytes);
        yield { init: true, bytes: joined(head), timescale, times: null };
        head = [];
      } else if (box.type === 'mdat') {
        yield { init: false, bytes: joined(head), timescale, times: timesOf(head[0] as Uint8Array) };
        head = [];
      }
    }
  }
}

function joined(list: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(list.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of list) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}
