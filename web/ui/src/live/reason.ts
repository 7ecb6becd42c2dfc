/** Why a camera gives no picture, in the reader's language. The service words its reasons in English. Pure. */
import type { Language } from '../api/types';

/** What the sentence says, and how it is said in Chinese; `$1` is what the sentence names. */
const SAID: readonly [RegExp, string][] = [
  [/the camera has no stream at '(.*)' \(404\)$/, '摄像头没有码流 $1（404）：请检查地址中的路径'],
  [/the camera refuses user '(.*)' or its password \(401\)$/, '摄像头拒绝用户 $1 或其密码（401）'],
  [/the camera asks for a login that is neither Digest nor Basic$/, '摄像头要求的登录方式不受支持'],
  [/the camera forbids '(.*)' \(403\)$/, '摄像头禁止访问 $1（403）'],
  [/no bandwidth left for another client \(453\)$/, '摄像头没有带宽再接一路（453）'],
  [/does not send over TCP \(461\)/, '摄像头不支持经 TCP 发送（461）：请在其设置中允许 RTP over RTSP'],
  [/the camera offers no video$/, '摄像头没有视频'],
  [/the name '(.*)' is not known/, '找不到主机名 $1'],
  [/the name '(.*)' is not answered within/, '主机名 $1 没有解析结果'],
  [/connect: (.*) refuses connections:/, '$1 拒绝连接：请检查端口，以及摄像头的 RTSP 服务是否开启'],
  [/connect: (.*) does not answer within/, '$1 没有应答'],
  [/connect: (.*) answers, but not with TLS/, '$1 有应答，但不是 TLS：地址是否应为 rtsp://？'],
  [/connect: (.*) closes the connection at once$/, '$1 一连上就断开'],
  [/^play: the camera closed the connection$/, '摄像头断开了连接'],
  [/^play: the camera ended the stream$/, '摄像头结束了码流'],
  [/^play: the stream broke off/, '码流中断'],
  [/^\w+: (.*) does not answer [A-Z_]+ within/, '$1 没有应答'],
  [/^\w+: (.*) breaks off:/, '$1 中断了连接，没有应答'],
];

/** The service's own sentence where it is not known, or English is read. */
export function reasonText(reason: string, language: Language): string {
  if (language === 'en') return reason;
  for (const [pattern, words] of SAID) {
    const found = pattern.exec(reason);
    if (found) return words.replace('$1', found[1] ?? '');
  }
  return reason;
}
