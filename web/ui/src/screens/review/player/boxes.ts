/** Reads what the player must know of fragmented MP4 (ISO/IEC 14496-12): when each frame is shown, and the time scale. Pure. */

export interface Box {
  type: string;
  /** The whole box, its header included. */
  bytes: Uint8Array;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const typeAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at + 4, at + 8));

/** Length of the box at `at`: its header's word, or the long form; 0 when its header is not whole yet. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if (at + 8 > bytes.length) return 0;
  const view = viewOf(bytes);
  const short = view.getUint32(at);
  if (short !== 1) {
    if (short < 8) throw new Error(`the box at byte ${at} says it has ${short} bytes`);
    return short;
  }
  return at + 16 > bytes.length ? 0 : Number(view.getBigUint64(at + 8));
}

/** The boxes that lie one after another in `bytes`; a last one that is cut off is left out. */
export function boxesIn(bytes: Uint8Array): Box[] {
  const found: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = lengthAt(bytes, at);
    if (length === 0 || at + length > bytes.length) break;
    found.push({ type: typeAt(bytes, at), bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

/** Cuts a stream that arrives in arbitrary parts into whole boxes. */
export class BoxSplitter {
  private rest = new Uint8Array(0);

  push(part: Uint8Array): Box[] {
    let bytes = part;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + part.length);
      bytes.set(this.rest);
      bytes.set(part, this.rest.length);
    }
    const found = boxesIn(bytes);
    const used = found.reduce((sum, box) => sum + box.bytes.length, 0);
    this.rest = bytes.slice(used);
    return found;
  }

  /** Bytes of a box that is not whole yet. */
  get waiting(): number {
    return this.rest.length;
  }
}

const PLAIN = 8;

function child(parent: Uint8Array, type: string, skip = PLAIN): Uint8Array | null {
  return boxesIn(parent.subarray(skip)).find((box) => box.type === type)?.bytes ?? null;
}

/** Units per second of the first track of a `moov`. */
export function timescaleOf(moov: Uint8Array): number {
  const trak = child(moov, 'trak');
  const mdia = trak && child(trak, 'mdia');
  const mdhd = mdia && child(mdia, 'mdhd');
  if (!mdhd) throw new Error('the movie box has no media header');
  const view = viewOf(mdhd);
  return view.getUint32(view.getUint8(8) === 1 ? 28 : 20);
}

export interface FragmentTimes {
  /** Decode time of the first frame, in the track's units. */
  decode: number;
  /** When each frame is shown, ascending, in the track's units. */
  shown: number[];
  /** When the last decoded frame ends, in the track's units. */
  end: number;
}

/** The times of a `moof`'s first track run. Defaults of the track header are honoured; those of `trex` are not needed by our writers. */
export function timesOf(moof: Uint8Array): FragmentTimes {
  const traf = child(moof, 'traf');
  const tfhd = traf && child(traf, 'tfhd');
  const tfdt = traf && child(traf, 'tfdt');
  if (!traf || !tfhd || !tfdt) throw new Error('the fragment does not say when it is decoded');
  const head = viewOf(tfhd);
  const headFlags = head.getUint32(8) & 0xffffff;
  let at = 16 + (headFlags & 0x1 ? 8 : 0) + (headFlags & 0x2 ? 4 : 0);
  const defaultDuration = headFlags & 0x8 ? head.getUint32(at) : 0;
  const time = viewOf(tfdt);
  const decode = time.getUint8(8) === 1 ? Number(time.getBigUint64(12)) : time.getUint32(12);
  const shown: number[] = [];
  let now = decode;
  for (const box of boxesIn(traf.subarray(PLAIN))) {
    if (box.type !== 'trun') continue;
    const run = viewOf(box.bytes);
    const flags = run.getUint32(8) & 0xffffff;
    const count = run.getUint32(12);
    at = 16 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
    for (let i = 0; i < count; i++) {
      let duration = defaultDuration;
      let composition = 0;
      if (flags & 0x100) {
        duration = run.getUint32(at);
        at += 4;
      }
      if (flags & 0x200) at += 4;
      if (flags & 0x400) at += 4;
      if (flags & 0x800) {
        composition = run.getInt32(at);
        at += 4;
      }
      shown.push(now + composition);
      now += duration;
    }
  }
  return { decode, shown: shown.sort((a, b) => a - b), end: now };
}
