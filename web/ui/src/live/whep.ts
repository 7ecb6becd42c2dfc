/** WebRTC by WHEP: one POST with the offer, the answer comes back, DELETE ends it. No servers outside are asked. */
import { send } from '../api/client';
import type { OnEnd, StreamName, Transport } from './transport';

const CERTIFICATE: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };

let certificate: Promise<RTCCertificate> | undefined;

/** One for all views of this page: making it takes longer than all the rest of an offer. */
async function pageCertificate(): Promise<RTCCertificate[]> {
  certificate ??= RTCPeerConnection.generateCertificate(CERTIFICATE);
  try {
    const ready = await certificate;
    return ready.expires > Date.now() + 60_000 ? [ready] : [];
  } catch {
    return []; // the connection makes its own
  }
}

/** The session's own path under the API, from the Location header (absolute, rooted or relative). */
export function sessionPath(location: string | null): string | null {
  const id = location?.split('?')[0]?.replace(/\/+$/, '').split('/').pop();
  return id ? `/whep/${id}` : null;
}

export async function openWhep(
  cameraId: number,
  stream: StreamName,
  video: HTMLVideoElement,
  signal: AbortSignal,
  onEnd: OnEnd,
): Promise<Transport> {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle', certificates: await pageCertificate() });
  let path: string | null = null;
  const close = () => {
    peer.onconnectionstatechange = null;
    peer.close();
    video.srcObject = null;
    if (path) void send(path, { method: 'DELETE' }).catch(() => undefined); // the server ends it by itself too
    path = null;
  };
  try {
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
    peer.ontrack = (event) => {
      video.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    };
    peer.onconnectionstatechange = () => {
      if (['failed', 'closed'].includes(peer.connectionState)) onEnd(new Error(`webrtc ${peer.connectionState}`));
    };
    await peer.setLocalDescription(await peer.createOffer());
    // Addresses of ours are not waited for: the server names its own in the answer, and sees ours when we knock there.
    const response = await send(`/cameras/${cameraId}/whep`, {
      method: 'POST',
      query: { stream },
      body: peer.localDescription?.sdp ?? '',
      headers: { 'content-type': 'application/sdp', accept: 'application/sdp' },
      signal,
    });
    path = sessionPath(response.headers.get('location'));
    await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    if (signal.aborted) throw new DOMException('closed', 'AbortError');
    return { close, delay_s: () => jitterDelay(peer) };
  } catch (error) {
    close();
    throw error;
  }
}

const last = new WeakMap<RTCPeerConnection, { delay: number; count: number }>();

/** Mean time that the frames since the last call waited for their turn; browsers do not tell the age of a silent stream. */
async function jitterDelay(peer: RTCPeerConnection): Promise<number | null> {
  const report = await peer.getStats();
  for (const entry of report.values() as IterableIterator<Record<string, unknown>>) {
    if (entry['type'] !== 'inbound-rtp' || entry['kind'] !== 'video') continue;
    const delay = Number(entry['jitterBufferDelay'] ?? 0);
    const count = Number(entry['jitterBufferEmittedCount'] ?? 0);
    const before = last.get(peer) ?? { delay: 0, count: 0 };
    last.set(peer, { delay, count });
    return count > before.count ? (delay - before.delay) / (count - before.count) : null;
  }
  return null;
}
