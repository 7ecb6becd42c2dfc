/** Single pictures in a video element: drawn on a canvas whose stream the element plays. Works in every browser. */

export interface Screen {
  /** Shows a JPEG. Of several that are still being decoded only the newest is drawn. */
  show: (jpeg: Blob) => Promise<void>;
  close: () => void;
}

export function openScreen(video: HTMLVideoElement): Screen {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('this browser has no canvas');
  let newest = 0;
  let shown = 0;
  let closed = false;
  return {
    show: async (jpeg) => {
      const mine = (newest += 1);
      const picture = await createImageBitmap(jpeg);
      if (!closed && mine > shown) {
        shown = mine;
        if (canvas.width !== picture.width || canvas.height !== picture.height) {
          canvas.width = picture.width;
          canvas.height = picture.height;
        }
        context.drawImage(picture, 0, 0);
        if (!video.srcObject) {
          video.srcObject = canvas.captureStream();
          void video.play().catch(() => undefined);
          context.drawImage(picture, 0, 0); // the stream begins with what is drawn after it was asked for
        }
      }
      picture.close();
    },
    close: () => {
      closed = true;
      for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
      video.srcObject = null;
    },
  };
}
